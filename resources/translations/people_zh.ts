<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE TS>
<TS version="2.1" language="zh_CN" sourcelanguage="en">
<context>
    <name>People</name>
    <message>
        <source>No role is called {typed}.</source>
        <translation>没有名为“{typed}”的角色。</translation>
    </message>
    <message>
        <source>No area is called {typed}. Left empty it is the whole site.</source>
        <translation>没有名为“{typed}”的区域；不填为全站。</translation>
    </message>
    <message>
        <source>Which role in this area?</source>
        <translation>此区域授予什么角色？</translation>
    </message>
    <message>
        <source>Only who may change or revoke people sees them. The node says: {words}</source>
        <translation>仅有权修改或吊销人员者可见。节点答复：{words}</translation>
    </message>
    <message>
        <source>Who sits here acts without a log-in. Once an administrator is named, people stand here.</source>
        <translation>本机无需登录即可操作；用 Ctrl+K“建立首位管理员”后，人员与角色显示在此。</translation>
    </message>
    <message>
        <source>No people are named yet</source>
        <translation>尚未指定人员</translation>
    </message>
    <message>
        <source>A password is needed.</source>
        <translation>需要密码。</translation>
    </message>
    <message>
        <source>A wall has a certificate, no account.</source>
        <translation>大屏用证书，没有账号。</translation>
    </message>
    <message>
        <source>Account</source>
        <translation>账号</translation>
    </message>
    <message>
        <source>Account of {name}</source>
        <translation>{name}的账号</translation>
    </message>
    <message>
        <source>Add a person</source>
        <translation>新增人员</translation>
    </message>
    <message>
        <source>All sessions of {name} end within seconds, and no log-in opens any more. It cannot be undone.</source>
        <translation>{name}的全部登录将在数秒内断开，此后无法再登录。此操作不可撤回。</translation>
    </message>
    <message>
        <source>An id is needed: by it every act is kept for good.</source>
        <translation>需要编号：每项操作永久记在此编号下。</translation>
    </message>
    <message>
        <source>Back</source>
        <translation>返回</translation>
    </message>
    <message>
        <source>Being read</source>
        <translation>正在读取</translation>
    </message>
    <message>
        <source>Change</source>
        <translation>修改</translation>
    </message>
    <message>
        <source>Change {name}</source>
        <translation>修改 {name}</translation>
    </message>
    <message>
        <source>First password</source>
        <translation>初始密码</translation>
    </message>
    <message>
        <source>Give account</source>
        <translation>开通账号</translation>
    </message>
    <message>
        <source>Id</source>
        <translation>编号</translation>
    </message>
    <message>
        <source>Name</source>
        <translation>姓名</translation>
    </message>
    <message>
        <source>Name in English</source>
        <translation>英文名</translation>
    </message>
    <message>
        <source>Never: {what}</source>
        <translation>禁止：{what}</translation>
    </message>
    <message>
        <source>New password</source>
        <translation>重设密码</translation>
    </message>
    <message>
        <source>New password of {name}</source>
        <translation>重设 {name} 的密码</translation>
    </message>
    <message>
        <source>Nobody found</source>
        <translation>没有找到</translation>
    </message>
    <message>
        <source>Nobody is chosen.</source>
        <translation>尚未选择人员。</translation>
    </message>
    <message>
        <source>Nothing of a person holds what was typed. Esc takes it back.</source>
        <translation>没有人员符合所输入的内容。Esc 清除。</translation>
    </message>
    <message>
        <source>Nothing was read yet.</source>
        <translation>尚未读取。</translation>
    </message>
    <message>
        <source>Once more</source>
        <translation>再输一次</translation>
    </message>
    <message>
        <source>Password</source>
        <translation>密码</translation>
    </message>
    <message>
        <source>People</source>
        <translation>人员</translation>
    </message>
    <message>
        <source>People and roles are not shown on walls.</source>
        <translation>人员与角色不在大屏显示。</translation>
    </message>
    <message>
        <source>People and roles are not yours to see</source>
        <translation>无权查看人员与角色</translation>
    </message>
    <message>
        <source>Policy version {number}</source>
        <translation>策略第 {number} 版</translation>
    </message>
    <message>
        <source>Reason</source>
        <translation>理由</translation>
    </message>
    <message>
        <source>Revoke</source>
        <translation>吊销</translation>
    </message>
    <message>
        <source>Revoke {name}</source>
        <translation>吊销 {name}</translation>
    </message>
    <message>
        <source>Role</source>
        <translation>角色</translation>
    </message>
    <message>
        <source>Roles</source>
        <translation>角色</translation>
    </message>
    <message>
        <source>Save</source>
        <translation>保存</translation>
    </message>
    <message>
        <source>Separation of offices: nobody is both {one} and {other}. The node will not sign this.</source>
        <translation>三员分立：同一人不能兼任{one}和{other}，节点不会签发。</translation>
    </message>
    <message>
        <source>Sign and save</source>
        <translation>签发并保存</translation>
    </message>
    <message>
        <source>Tell it in person. It has to be changed at the first log-in.</source>
        <translation>请当面告知。首次登录时必须修改。</translation>
    </message>
    <message>
        <source>The node cannot be reached</source>
        <translation>无法连到节点</translation>
    </message>
    <message>
        <source>The node is asked for people and roles.</source>
        <translation>正在向节点查询人员与角色。</translation>
    </message>
    <message>
        <source>The person is saved; the account is not: {reason}</source>
        <translation>人员已保存，账号未开通：{reason}</translation>
    </message>
    <message>
        <source>The two passwords are not the same.</source>
        <translation>两次输入的密码不一致。</translation>
    </message>
    <message>
        <source>This node does not hold the site's key; changes are made on the main node.</source>
        <translation>此节点没有站点密钥，请在主节点上修改。</translation>
    </message>
    <message>
        <source>Type a name, account, role or area</source>
        <translation>输入姓名、账号、角色或区域</translation>
    </message>
    <message>
        <source>What is changed here is signed, and in force on every node that it reaches.</source>
        <translation>修改经签发后，在所有送达的节点上生效。</translation>
    </message>
    <message>
        <source>What is the person called?</source>
        <translation>请填写姓名。</translation>
    </message>
    <message>
        <source>Which name does the person log in with?</source>
        <translation>请填写登录账号。</translation>
    </message>
    <message>
        <source>Who is revoked stays so.</source>
        <translation>已吊销的人员不能恢复。</translation>
    </message>
    <message>
        <source>Why? The reason is kept for the audit.</source>
        <translation>请填写理由，理由留存备查。</translation>
    </message>
    <message>
        <source>Your roles do not allow to change people.</source>
        <translation>你的角色无权修改人员。</translation>
    </message>
    <message>
        <source>Your roles do not allow to revoke.</source>
        <translation>你的角色无权吊销人员。</translation>
    </message>
    <message>
        <source>at least 12 characters</source>
        <translation>至少 12 个字符</translation>
    </message>
    <message>
        <source>changes are made on the site's main node</source>
        <translation>修改须在主节点进行</translation>
    </message>
    <message>
        <source>changes are signed here</source>
        <translation>本节点可签发修改</translation>
    </message>
    <message>
        <source>expired {span} ago</source>
        <translation>已过期 {span}</translation>
    </message>
    <message>
        <source>holds {span} more</source>
        <translation>有效期余 {span}</translation>
    </message>
    <message>
        <source>in area</source>
        <translation>所辖区域</translation>
    </message>
    <message>
        <source>issued {age} ago</source>
        <translation>{age} 前签发</translation>
    </message>
    <message>
        <source>letters and digits, for good</source>
        <translation>字母和数字，不再更改</translation>
    </message>
    <message>
        <source>locked for a while</source>
        <translation>暂时锁定</translation>
    </message>
    <message>
        <source>looks only</source>
        <translation>仅查看</translation>
    </message>
    <message>
        <source>no account</source>
        <translation>无账号</translation>
    </message>
    <message>
        <source>no role</source>
        <translation>无角色</translation>
    </message>
    <message>
        <source>not logged in</source>
        <translation>未登录</translation>
    </message>
    <message>
        <source>password</source>
        <translation>密码</translation>
    </message>
    <message>
        <source>revoked {day}{reason}</source>
        <translation>{day}吊销：{reason}</translation>
    </message>
    <message>
        <source>two factors</source>
        <translation>双因素</translation>
    </message>
    <message>
        <source>wall</source>
        <translation>大屏</translation>
    </message>
    <message>
        <source>whole site</source>
        <translation>全站</translation>
    </message>
    <message>
        <source>one more role, or Enter to go on</source>
        <translation>再加一个角色，或回车继续</translation>
    </message>
    <message>
        <source>whole site; Enter adds the role</source>
        <translation>全站；回车加入此角色</translation>
    </message>
    <message>
        <source>{count} logged in</source>
        <translation>{count} 处登录</translation>
    </message>
    <message>
        <source>{count} people</source>
        <translation>{count} 人</translation>
    </message>
    <message>
        <source>{id} is another person's id already.</source>
        <translation>编号 {id} 已被他人使用。</translation>
    </message>
    <message>
        <source>{shown} of {count}</source>
        <translation>{shown} / {count} 人</translation>
    </message>
    <message>
        <source>Second factor of {name} off</source>
        <translation>停用{name}的二次验证</translation>
    </message>
    <message>
        <source>For a lost phone: the password alone opens then. Make sure who asks. {name} turns a new one on.</source>
        <translation>用于手机遗失：此后只凭密码即可登录。请先核实来人身份，再由{name}重新启用。</translation>
    </message>
    <message>
        <source>Take it off</source>
        <translation>停用</translation>
    </message>
    <message>
        <source>Second factor off</source>
        <translation>停用二次验证</translation>
    </message>
    <message>
        <source>There is no second factor to take off.</source>
        <translation>此账号未启用二次验证。</translation>
    </message>
    <message>
        <source>Your own is turned off in the account menu.</source>
        <translation>自己的二次验证请在账号菜单中停用。</translation>
    </message>
</context>
<context>
    <name>Shift</name>
    <message>
        <source>A reason is needed: {name} has the seat.</source>
        <translation>{name}在此席位，须填写理由。</translation>
    </message>
    <message>
        <source>A replay is looked at; nothing is done in it.</source>
        <translation>回放中只能查看，不能操作。</translation>
    </message>
    <message>
        <source>About {what}</source>
        <translation>关于 {what}</translation>
    </message>
    <message>
        <source>Back</source>
        <translation>返回</translation>
    </message>
    <message>
        <source>Calls, visits, things to watch: J writes a line, signed with your name.</source>
        <translation>来电、来访、需关注的事：按 J 写一条，记在你名下。</translation>
    </message>
    <message>
        <source>Hand over</source>
        <translation>交班</translation>
    </message>
    <message>
        <source>Handover</source>
        <translation>交接班</translation>
    </message>
    <message>
        <source>Handover: {how}</source>
        <translation>交接班：{how}</translation>
    </message>
    <message>
        <source>Handovers before</source>
        <translation>历次交接班</translation>
    </message>
    <message>
        <source>How is the seat called?</source>
        <translation>请填写席位名称。</translation>
    </message>
    <message>
        <source>It goes back to {name}, to be written anew.</source>
        <translation>将退回 {name} 重写。</translation>
    </message>
    <message>
        <source>Line of the log</source>
        <translation>值班记录</translation>
    </message>
    <message>
        <source>Mentioned</source>
        <translation>已提及</translation>
    </message>
    <message>
        <source>Named by its data source; a shift here begins with Start shift.</source>
        <translation>由数据源提供；点“上岗”后由本系统记录。</translation>
    </message>
    <message>
        <source>No open matters</source>
        <translation>无未了事项</translation>
    </message>
    <message>
        <source>No seat known</source>
        <translation>没有席位</translation>
    </message>
    <message>
        <source>Nobody is logged in.</source>
        <translation>未登录。</translation>
    </message>
    <message>
        <source>Nobody on duty</source>
        <translation>无人值班</translation>
    </message>
    <message>
        <source>Not mentioned</source>
        <translation>未提及</translation>
    </message>
    <message>
        <source>Nothing written yet</source>
        <translation>尚无记录</translation>
    </message>
    <message>
        <source>Object</source>
        <translation>提出异议</translation>
    </message>
    <message>
        <source>One appears when somebody starts a shift, or a source tells of it.</source>
        <translation>有人上岗或数据源提供后，席位出现在此处。</translation>
    </message>
    <message>
        <source>Open matters, {count}</source>
        <translation>未了事项 {count} 项</translation>
    </message>
    <message>
        <source>Reason</source>
        <translation>理由</translation>
    </message>
    <message>
        <source>Reason: {reason}</source>
        <translation>理由：{reason}</translation>
    </message>
    <message>
        <source>Rewrite</source>
        <translation>改写</translation>
    </message>
    <message>
        <source>Save handover</source>
        <translation>保存交接记录</translation>
    </message>
    <message>
        <source>Seat</source>
        <translation>席位</translation>
    </message>
    <message>
        <source>Shift</source>
        <translation>班次</translation>
    </message>
    <message>
        <source>Sign</source>
        <translation>签字</translation>
    </message>
    <message>
        <source>Sign and take over</source>
        <translation>签字接班</translation>
    </message>
    <message>
        <source>Sign off</source>
        <translation>交班签字</translation>
    </message>
    <message>
        <source>Signed {clock} {name}</source>
        <translation>{clock} {name} 签字</translation>
    </message>
    <message>
        <source>Start</source>
        <translation>上岗</translation>
    </message>
    <message>
        <source>Start shift</source>
        <translation>上岗</translation>
    </message>
    <message>
        <source>Start without handover</source>
        <translation>不经交接上岗</translation>
    </message>
    <message>
        <source>Take over</source>
        <translation>接班</translation>
    </message>
    <message>
        <source>Text</source>
        <translation>交接内容</translation>
    </message>
    <message>
        <source>The log begins with a shift.</source>
        <translation>上岗后开始记录。</translation>
    </message>
    <message>
        <source>The seat has changed meanwhile; look at it again.</source>
        <translation>席位状态已变，请核对后再操作。</translation>
    </message>
    <message>
        <source>The seat is yours from now on; every act here bears your name.</source>
        <translation>上岗后席位由你负责，操作记在你名下。</translation>
    </message>
    <message>
        <source>The shift's log names persons and is not shown on walls.</source>
        <translation>值班记录涉及个人，不在大屏显示。</translation>
    </message>
    <message>
        <source>Tick each open matter that the text speaks of. What is not ticked needs a reason when you sign.</source>
        <translation>勾选交接内容中写明的未了事项；未勾选的，签字时须说明理由。</translation>
    </message>
    <message>
        <source>To</source>
        <translation>交给</translation>
    </message>
    <message>
        <source>Until</source>
        <translation>至</translation>
    </message>
    <message>
        <source>Until when? Hours and minutes, such as 08:00.</source>
        <translation>请填写下班时刻，如 08:00。</translation>
    </message>
    <message>
        <source>What has the next officer to know?</source>
        <translation>请填写交接内容。</translation>
    </message>
    <message>
        <source>What is wrong with it?</source>
        <translation>请说明异议。</translation>
    </message>
    <message>
        <source>Who takes the seat over?</source>
        <translation>请选择接班人。</translation>
    </message>
    <message>
        <source>Write a line (J), Enter saves</source>
        <translation>写一条记录（J），回车保存</translation>
    </message>
    <message>
        <source>Your roles do not allow shift and handover here.</source>
        <translation>你的角色无权在此值班和交接。</translation>
    </message>
    <message>
        <source>about {what}?</source>
        <translation>关于 {what}？</translation>
    </message>
    <message>
        <source>shelved alarm</source>
        <translation>已搁置报警</translation>
    </message>
    <message>
        <source>since {clock}</source>
        <translation>{clock} 起</translation>
    </message>
    <message>
        <source>ungraded</source>
        <translation>未定级</translation>
    </message>
    <message>
        <source>until {clock}, {span} left</source>
        <translation>至 {clock}，余 {span}</translation>
    </message>
    <message>
        <source>until {clock}, {span} over</source>
        <translation>至 {clock}，已超 {span}</translation>
    </message>
    <message>
        <source>{coming} objected, {leaving} rewrites</source>
        <translation>{coming}有异议，{leaving}改写</translation>
    </message>
    <message>
        <source>{count} lines</source>
        <translation>{count} 条</translation>
    </message>
    <message>
        <source>{count} not mentioned</source>
        <translation>{count} 项未提及</translation>
    </message>
    <message>
        <source>{count} open matters</source>
        <translation>{count} 项未了事项</translation>
    </message>
    <message>
        <source>{count} open matters are not mentioned: rewrite the handover, or give a reason.</source>
        <translation>{count} 项未了事项未提及：请改写交接内容，或填写理由。</translation>
    </message>
    <message>
        <source>{leaving} signed, {coming} has to sign</source>
        <translation>{leaving}已签字，待{coming}签字</translation>
    </message>
    <message>
        <source>{leaving} to {coming}, taken</source>
        <translation>{leaving}交给{coming}，已接班</translation>
    </message>
    <message>
        <source>{leaving} to {coming}, written, not signed</source>
        <translation>{leaving}交给{coming}，已填写，未签字</translation>
    </message>
    <message>
        <source>{name} has the seat, writes the handover and signs it.</source>
        <translation>交接由在岗的{name}填写并签字。</translation>
    </message>
    <message>
        <source>{name} has the seat. The way is a handover; without one only with a reason, which is kept.</source>
        <translation>{name}在此席位，应办理交接班；不经交接上岗须填写理由并留存。</translation>
    </message>
    <message>
        <source>{name} objected: {reason}</source>
        <translation>{name}异议：{reason}</translation>
    </message>
    <message>
        <source>{name} signed at {clock}. With your signature the seat is yours.</source>
        <translation>{name}已于 {clock} 签字。你签字后席位由你负责。</translation>
    </message>
    <message>
        <source>{name} signs to take it.</source>
        <translation>须由{name}本人签字接班。</translation>
    </message>
</context>
</TS>
