<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE TS>
<TS version="2.1" language="zh_CN" sourcelanguage="en">
<context>
    <name>Access</name>
    <message>
        <source>They stay on this machine and go on when you log in here again.</source>
        <translation>待发操作留在本机，你再次登录后继续发送。</translation>
    </message>
    <message>
        <source>Log out while {count} acts wait to be sent?</source>
        <translation>还有 {count} 项操作待发，仍要退出？</translation>
    </message>
    <message>
        <source>Log out</source>
        <translation>退出登录</translation>
    </message>
    <message>
        <source>session ends in {span}</source>
        <translation>登录余 {span}</translation>
    </message>
    <message>
        <source>policy expired: emergency acts only</source>
        <translation>策略过期 仅限应急</translation>
    </message>
    <message>
        <source>policy expired</source>
        <translation>策略过期</translation>
    </message>
    <message>
        <source>GLASS BROKEN {span} left</source>
        <translation>破窗 余 {span}</translation>
    </message>
    <message>
        <source>Only emergency acts in the own area, each marked</source>
        <translation>仅限本区应急操作，每次留痕</translation>
    </message>
    <message>
        <source>Nobody logged in</source>
        <translation>未登录</translation>
    </message>
    <message>
        <source>Policy {version}, issued {age} ago</source>
        <translation>策略 v{version}，{age} 前签发</translation>
    </message>
    <message>
        <source>This session ends {time}</source>
        <translation>本次登录 {time} 结束</translation>
    </message>
    <message>
        <source>valid until {time}</source>
        <translation>有效至 {time}</translation>
    </message>
    <message>
        <source>policy ends in {span}</source>
        <translation>策略余 {span}</translation>
    </message>
    <message>
        <source>policy {version} · {age}</source>
        <translation>策略 v{version} · {age}</translation>
    </message>
    <message>
        <source>Connecting to the node</source>
        <translation>正在连接节点</translation>
    </message>
    <message>
        <source>Ctrl+L language · Ctrl+D day or night</source>
        <translation>Ctrl+L 切换语言 · Ctrl+D 昼夜</translation>
    </message>
    <message>
        <source>No link for {span}</source>
        <translation>链路断 {span}</translation>
    </message>
    <message>
        <source>Until somebody logs in, this screen shows neither data nor alarms.</source>
        <translation>登录之前，此屏不显示数据，也不显示报警。</translation>
    </message>
    <message>
        <source>{who}, since {time}. Strip, sound and clock go on.</source>
        <translation>{who}，{time} 锁定。报警条、声音和时钟照常。</translation>
    </message>
    <message>
        <source>{who}, since {time}. The clock goes on; no alarm is shown or sounds here.</source>
        <translation>{who}，{time} 锁定。时钟照常；此处不显示报警，也不响铃。</translation>
    </message>
    <message>
        <source>Have the security administrator look at its certificate and role.</source>
        <translation>请安全管理员核对大屏的证书与角色。</translation>
    </message>
    <message>
        <source>Log in</source>
        <translation>登录</translation>
    </message>
    <message>
        <source>Name</source>
        <translation>用户名</translation>
    </message>
    <message>
        <source>Password</source>
        <translation>密码</translation>
    </message>
    <message>
        <source>Code of the second factor, where the account has one</source>
        <translation>动态码（账号未启用则留空）</translation>
    </message>
    <message>
        <source>New password</source>
        <translation>新密码</translation>
    </message>
    <message>
        <source>The same again</source>
        <translation>再输一次</translation>
    </message>
    <message>
        <source>At least 12 characters; some words in a row are best. The node looks for easy ones.</source>
        <translation>至少 12 个字符，几个词连起来最好；过于简单的由节点拒绝。</translation>
    </message>
    <message>
        <source>First administrator</source>
        <translation>建立首位管理员</translation>
    </message>
    <message>
        <source>The node shows a code in the terminal in which it was started; without one it lies in the file first-code of its data folder. A restart makes another. With it you become security administrator.</source>
        <translation>代码显示在启动节点的终端里；没有终端时，存于节点数据文件夹的 first-code 文件，重启后换新。凭代码成为安全管理员。</translation>
    </message>
    <message>
        <source>Code</source>
        <translation>代码</translation>
    </message>
    <message>
        <source>Name of the site</source>
        <translation>站点名称</translation>
    </message>
    <message>
        <source>Your name</source>
        <translation>姓名</translation>
    </message>
    <message>
        <source>Log-in name</source>
        <translation>登录用户名</translation>
    </message>
    <message>
        <source>Back  Esc</source>
        <translation>返回  Esc</translation>
    </message>
    <message>
        <source>Present password</source>
        <translation>当前密码</translation>
    </message>
    <message>
        <source>Code, where there is one</source>
        <translation>动态码（未启用则留空）</translation>
    </message>
    <message>
        <source>Locked</source>
        <translation>已锁定</translation>
    </message>
    <message>
        <source>Somebody else</source>
        <translation>换人登录</translation>
    </message>
    <message>
        <source>This wall may not look any more</source>
        <translation>此大屏无权查看</translation>
    </message>
    <message>
        <source>Caps Lock is on</source>
        <translation>大写锁定已开</translation>
    </message>
    <message>
        <source>Looking …</source>
        <translation>正在核对…</translation>
    </message>
    <message>
        <source>Create</source>
        <translation>建立</translation>
    </message>
    <message>
        <source>A password of your own</source>
        <translation>先改成自己的密码</translation>
    </message>
    <message>
        <source>Change password</source>
        <translation>修改密码</translation>
    </message>
    <message>
        <source>The present one was given to you by somebody else. Nothing else is possible before it is changed.</source>
        <translation>当前密码由他人设定，修改之前不能做其他操作。</translation>
    </message>
    <message>
        <source>Your sessions at other consoles end with it.</source>
        <translation>修改后，你在其他席位的登录随之结束。</translation>
    </message>
    <message>
        <source>Change</source>
        <translation>修改</translation>
    </message>
    <message>
        <source>Unlock</source>
        <translation>解锁</translation>
    </message>
    <message>
        <source>Long enough. Now the same again.</source>
        <translation>长度够了，请再输一次。</translation>
    </message>
    <message>
        <source>{count} more characters</source>
        <translation>还差 {count} 个字符</translation>
    </message>
    <message>
        <source>The same so far</source>
        <translation>到目前一致</translation>
    </message>
    <message>
        <source>The two are not the same</source>
        <translation>两次输入不一致</translation>
    </message>
    <message>
        <source>Both are the same</source>
        <translation>两次一致</translation>
    </message>
    <message>
        <source>Break the glass</source>
        <translation>破窗</translation>
    </message>
    <message>
        <source>Break the glass?</source>
        <translation>破窗应急授权？</translation>
    </message>
    <message>
        <source>For half an hour you may do all field work in your own areas, whatever your role says. Every act is marked, the audit administrator reads the reason, all your screens show it.</source>
        <translation>半小时内，你可在自己的区域内做一切现场处置，不受角色限制。每次操作都留痕，理由由审计管理员查阅，所有屏幕都显示破窗标记。</translation>
    </message>
    <message>
        <source>Reason, in words</source>
        <translation>理由（用文字说明）</translation>
    </message>
    <message>
        <source>No</source>
        <translation>否</translation>
    </message>
    <message>
        <source>Say why, in words</source>
        <translation>请用文字说明理由</translation>
    </message>
    <message>
        <source>Second factor</source>
        <translation>二次验证</translation>
    </message>
    <message>
        <source>Code that the authenticator shows now</source>
        <translation>验证器当前显示的动态码</translation>
    </message>
    <message>
        <source>The same as an address, for authenticators that take one</source>
        <translation>同一密钥的 otpauth 地址，供可粘贴的验证器使用</translation>
    </message>
    <message>
        <source>Turn on</source>
        <translation>启用</translation>
    </message>
    <message>
        <source>Turn off</source>
        <translation>停用</translation>
    </message>
    <message>
        <source>Go on</source>
        <translation>继续</translation>
    </message>
    <message>
        <source>Copy the address</source>
        <translation>复制地址</translation>
    </message>
    <message>
        <source>Type the key into the authenticator of your phone, then give the code that it shows.</source>
        <translation>把密钥输入手机上的验证器，再填它显示的动态码。</translation>
    </message>
    <message>
        <source>It is on: each log-in asks for a code. Turned off, the password alone is enough again.</source>
        <translation>已启用：每次登录都要动态码。停用后只凭密码即可登录。</translation>
    </message>
    <message>
        <source>Each log-in then asks for six digits from an authenticator too. Give your password again.</source>
        <translation>启用后每次登录还须填验证器的六位动态码。请再次输入密码。</translation>
    </message>
    <message>
        <source>It is shown this once. Your sessions at other consoles end when it is turned on.</source>
        <translation>密钥只显示这一次。启用后，其他席位上的登录随即结束。</translation>
    </message>
    <message>
        <source>Next try in {span}</source>
        <translation>{span}后可再试</translation>
    </message>
</context>
</TS>
