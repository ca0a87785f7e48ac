<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE TS>
<TS version="2.1" language="zh_CN" sourcelanguage="en">
<context>
    <name>AlarmStrip</name>
    <message>
        <source>Your role shows no alarm here</source>
        <translation>按你的角色，此处不显示报警</translation>
    </message>
    <message>
        <source>Nobody is logged in: no alarm is shown here</source>
        <translation>未登录：此处不显示报警</translation>
    </message>
    <message>
        <source>Live</source>
        <translation>实时</translation>
    </message>
    <message>
        <source>First act: {act}</source>
        <translation>首要措施：{act}</translation>
    </message>
    <message>
        <source>Ack</source>
        <translation>确认</translation>
    </message>
    <message>
        <source>View</source>
        <translation>画面</translation>
    </message>
    <message>
        <source>Next</source>
        <translation>下一条</translation>
    </message>
    <message>
        <source>Link cut: alarms as of {time}</source>
        <translation>链路断，报警停于 {time}</translation>
    </message>
    <message>
        <source>No alarm known yet: waiting for the node</source>
        <translation>尚未取得报警，等待节点</translation>
    </message>
    <message>
        <source>No data yet, so no alarm can be known</source>
        <translation>尚无数据，报警情况未知</translation>
    </message>
    <message>
        <source>All acknowledged</source>
        <translation>报警均已确认</translation>
    </message>
    <message>
        <source>No alarm to handle</source>
        <translation>无待处置报警</translation>
    </message>
    <message>
        <source>Last {raised} {what}, closed {ended}</source>
        <translation>上一条 {raised} {what}，{ended} 办结</translation>
    </message>
    <message>
        <source>Muted {span}</source>
        <translation>静音 {span}</translation>
    </message>
    <message>
        <source>Sound on</source>
        <translation>声音 开</translation>
    </message>
</context>
<context>
    <name>Dialogs</name>
    <message>
        <source>Please confirm</source>
        <translation>请确认</translation>
    </message>
    <message>
        <source>No</source>
        <translation>否</translation>
    </message>
    <message>
        <source>OK</source>
        <translation>确定</translation>
    </message>
    <message>
        <source>Cancel</source>
        <translation>取消</translation>
    </message>
    <message>
        <source>Yes</source>
        <translation>是</translation>
    </message>
</context>
<context>
    <name>Walls</name>
    <message>
        <source>Take</source>
        <translation>上屏</translation>
    </message>
    <message>
        <source>Fade in</source>
        <translation>淡入上屏</translation>
    </message>
    <message>
        <source>Close</source>
        <translation>关闭</translation>
    </message>
    <message>
        <source>the wall</source>
        <translation>大屏</translation>
    </message>
    <message>
        <source>nobody</source>
        <translation>无人</translation>
    </message>
    <message>
        <source>Preview: {title}</source>
        <translation>预演 {title}</translation>
    </message>
    <message>
        <source>Next: {title} → {wall}</source>
        <translation>预演  {title} → {wall}</translation>
    </message>
    <message>
        <source>Now: no scene yet</source>
        <translation>现在：尚无场景</translation>
    </message>
    <message>
        <source>Now: {title}, taken by {person} at {time} · controlled by {holder}</source>
        <translation>现在：{title}，{time} 由 {person} 上屏 · 控制：{holder}</translation>
    </message>
    <message>
        <source>in turn with what stands there: {count} scenes, {seconds} s each</source>
        <translation>与当前场景轮播：共 {count} 个场景，每个 {seconds} 秒</translation>
    </message>
    <message>
        <source>Undo</source>
        <translation>撤销</translation>
    </message>
    <message>
        <source>Save as own scene</source>
        <translation>存为自建场景</translation>
    </message>
    <message>
        <source>Take turns</source>
        <translation>轮播</translation>
    </message>
    <message>
        <source>Another wall</source>
        <translation>换一大屏</translation>
    </message>
    <message>
        <source>the rule of {person}</source>
        <translation>{person} 设定的规则</translation>
    </message>
    <message>
        <source>{count} scenes in turn, {seconds} s each</source>
        <translation>{count} 个场景轮播，每个 {seconds} 秒</translation>
    </message>
    <message>
        <source>REPLAY {group}</source>
        <translation>回放 {group}</translation>
    </message>
    <message>
        <source>asked for by {people}</source>
        <translation>{people} 申请控制</translation>
    </message>
    <message>
        <source>here in replay, live on the wall</source>
        <translation>此处为回放，上屏后为实时</translation>
    </message>
</context>
<context>
    <name>Palette</name>
    <message>
        <source>No such command</source>
        <translation>没有这样的命令</translation>
    </message>
    <message>
        <source>Command: name, pinyin or its initials</source>
        <translation>命令：名称、拼音或首字母</translation>
    </message>
    <message>
        <source>Keys</source>
        <translation>按键</translation>
    </message>
</context>
<context>
    <name>StatusLine</name>
    <message>
        <source>lost {count} samples</source>
        <translation>漏收 {count} 个数据</translation>
    </message>
    <message>
        <source>fetched {count} again</source>
        <translation>补回 {count} 个</translation>
    </message>
    <message>
        <source>{count} skipped for newer ones</source>
        <translation>{count} 个以新代旧</translation>
    </message>
    <message>
        <source>the node's clock is {span} ahead of ours</source>
        <translation>节点钟快 {span}</translation>
    </message>
    <message>
        <source>the node's clock is {span} behind ours</source>
        <translation>节点钟慢 {span}</translation>
    </message>
    <message>
        <source>Node {name}</source>
        <translation>节点 {name}</translation>
    </message>
    <message>
        <source>streams {live} of {known}</source>
        <translation>流 {live} / {known}</translation>
    </message>
    <message>
        <source>disk {free} GB free</source>
        <translation>磁盘 余 {free} GB</translation>
    </message>
    <message>
        <source>Notices {count}</source>
        <translation>通知 {count}</translation>
    </message>
    <message>
        <source>Live</source>
        <translation>实时</translation>
    </message>
    <message>
        <source>DRILL</source>
        <translation>演练</translation>
    </message>
    <message>
        <source>REPLAY</source>
        <translation>回放</translation>
    </message>
    <message>
        <source>SIMULATED</source>
        <translation>模拟</translation>
    </message>
    <message>
        <source>Layout {title}</source>
        <translation>布局 {title}</translation>
    </message>
    <message>
        <source>F1 help</source>
        <translation>F1 说明</translation>
    </message>
</context>
<context>
    <name>Tile</name>
    <message>
        <source>Nothing is written about this tile yet.</source>
        <translation>此窗格尚无说明。</translation>
    </message>
    <message>
        <source>Esc closes · Shift+F1 shows all keys</source>
        <translation>Esc 关闭 · Shift+F1 看全部按键</translation>
    </message>
    <message>
        <source>Not for your role</source>
        <translation>不在你的角色范围内</translation>
    </message>
    <message>
        <source>You may not look at this here; it is not empty</source>
        <translation>你无权查看此内容，并非没有数据</translation>
    </message>
    <message>
        <source>Source: {source}</source>
        <translation>来源：{source}</translation>
    </message>
    <message>
        <source>Data of {time} (UTC+8)</source>
        <translation>数据时间：{time}（UTC+8）</translation>
    </message>
    <message>
        <source>Nothing received yet</source>
        <translation>尚未收到数据</translation>
    </message>
    <message>
        <source>the node</source>
        <translation>节点</translation>
    </message>
    <message>
        <source>Waiting for {source}</source>
        <translation>等待 {source}</translation>
    </message>
    <message>
        <source>This tile has failed; the others go on</source>
        <translation>此窗格出错，其余照常</translation>
    </message>
    <message>
        <source>Enlarge or restore</source>
        <translation>放大或还原</translation>
    </message>
    <message>
        <source>Restart</source>
        <translation>重启</translation>
    </message>
    <message>
        <source>Copy details</source>
        <translation>复制详情</translation>
    </message>
    <message>
        <source>cut, data of {time}</source>
        <translation>数据停于 {time}</translation>
    </message>
</context>
<context>
    <name>TopBar</name>
    <message>
        <source>Notices {count}</source>
        <translation>通知 {count}</translation>
    </message>
    <message>
        <source>live</source>
        <translation>实时</translation>
    </message>
    <message>
        <source>Lifeline</source>
        <translation>生命线</translation>
    </message>
    <message>
        <source>Public safety</source>
        <translation>公共安全</translation>
    </message>
    <message>
        <source>Production safety</source>
        <translation>生产安全</translation>
    </message>
    <message>
        <source>Natural hazards</source>
        <translation>自然灾害</translation>
    </message>
    <message>
        <source>Public</source>
        <translation>公共</translation>
    </message>
    <message>
        <source>Works</source>
        <translation>生产</translation>
    </message>
    <message>
        <source>Natural</source>
        <translation>自然</translation>
    </message>
    <message>
        <source>Yilan</source>
        <translation>一览</translation>
    </message>
    <message>
        <source>data {time}</source>
        <translation>数据 {time}</translation>
    </message>
    <message>
        <source>SIMULATED</source>
        <translation>模拟</translation>
    </message>
    <message>
        <source>Commands Ctrl+K</source>
        <translation>命令 Ctrl+K</translation>
    </message>
    <message>
        <source>Link</source>
        <translation>链路</translation>
    </message>
    <message>
        <source>To send</source>
        <translation>待发</translation>
    </message>
    <message>
        <source>Refused: {reason}</source>
        <translation>被拒：{reason}</translation>
    </message>
    <message>
        <source>Connecting</source>
        <translation>正在连接</translation>
    </message>
    <message>
        <source>Link cut {span}</source>
        <translation>链路断 {span}</translation>
    </message>
</context>
<context>
    <name>ModeMark</name>
    <message>
        <source>DRILL</source>
        <translation>演练</translation>
    </message>
    <message>
        <source>SIMULATED</source>
        <translation>模拟</translation>
    </message>
</context>
<context>
    <name>Replay</name>
    <message>
        <source>REPLAY</source>
        <translation>回放</translation>
    </message>
    <message>
        <source>Play</source>
        <translation>播放</translation>
    </message>
    <message>
        <source>Pause</source>
        <translation>暂停</translation>
    </message>
    <message>
        <source>Step</source>
        <translation>步进</translation>
    </message>
    <message>
        <source>Share</source>
        <translation>共享</translation>
    </message>
    <message>
        <source>Shared {name} · {count} desks</source>
        <translation>共享 {name} · {count} 席</translation>
    </message>
    <message>
        <source>Leave</source>
        <translation>离开</translation>
    </message>
    <message>
        <source>Live</source>
        <translation>实时</translation>
    </message>
    <message>
        <source>End of the recording</source>
        <translation>已到记录末尾</translation>
    </message>
    <message>
        <source>End of the recording · L for live</source>
        <translation>已到记录末尾 · 按 L 回实时</translation>
    </message>
    <message>
        <source>Not recorded then: empty is not calm</source>
        <translation>当时未记录：空白不等于平安</translation>
    </message>
    <message>
        <source>Not recorded</source>
        <translation>当时未记录</translation>
    </message>
    <message>
        <source>Go to time T</source>
        <translation>到时刻 T</translation>
    </message>
    <message>
        <source>Share a replay</source>
        <translation>共享回放</translation>
    </message>
    <message>
        <source>Other desks join this replay by its name:</source>
        <translation>别席凭此短名加入本回放：</translation>
    </message>
    <message>
        <source>{count} desks watch it now; whoever seeks or pauses does so for all.</source>
        <translation>现有 {count} 席同看；任一席跳转或暂停，各席同变。</translation>
    </message>
    <message>
        <source>Join another desk's replay by its name:</source>
        <translation>加入别席的回放，填其短名：</translation>
    </message>
    <message>
        <source>Join</source>
        <translation>加入</translation>
    </message>
    <message>
        <source>Close</source>
        <translation>关闭</translation>
    </message>
</context>
</TS>
