<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE TS>
<TS version="2.1" language="zh_CN" sourcelanguage="en">
<context>
    <name>Incident</name>
    <message>
        <source>Area</source>
        <translation>区域</translation>
    </message>
    <message>
        <source>Conflict: acts that had not seen each other stand side by side</source>
        <translation>冲突：互不知情的操作并存</translation>
    </message>
    <message>
        <source>Contested: {count} acts are listed and not applied</source>
        <translation>有争议：{count} 项操作已列出，未生效</translation>
    </message>
    <message>
        <source>Facts</source>
        <translation>情况</translation>
    </message>
    <message>
        <source>Grade</source>
        <translation>等级</translation>
    </message>
    <message>
        <source>Kept by its source; there is no record here</source>
        <translation>由其数据源管理，本席尚无档案</translation>
    </message>
    <message>
        <source>Level</source>
        <translation>响应级别</translation>
    </message>
    <message>
        <source>Level {numeral}</source>
        <translation>{numeral} 级响应</translation>
    </message>
    <message>
        <source>Look at the timeline; the next act that has seen both settles it.</source>
        <translation>请看时间线；看过两者之后的下一项操作为准。</translation>
    </message>
    <message>
        <source>No incident</source>
        <translation>未选事件</translation>
    </message>
    <message>
        <source>Phase</source>
        <translation>阶段</translation>
    </message>
    <message>
        <source>Pick one in a list or on the map; I takes a report.</source>
        <translation>在列表或图上选一起；按 I 接报。</translation>
    </message>
    <message>
        <source>Place</source>
        <translation>地点</translation>
    </message>
    <message>
        <source>Progress</source>
        <translation>进展</translation>
    </message>
    <message>
        <source>Reports</source>
        <translation>报告</translation>
    </message>
    <message>
        <source>Response given</source>
        <translation>响应</translation>
    </message>
    <message>
        <source>Response level</source>
        <translation>响应级别</translation>
    </message>
    <message>
        <source>Take it on to verify, grade, report and close it here.</source>
        <translation>接管后可在此核实、定级、报送、结束。</translation>
    </message>
    <message>
        <source>Timeline</source>
        <translation>时间线</translation>
    </message>
    <message>
        <source>Warning</source>
        <translation>预警颜色</translation>
    </message>
    <message>
        <source>Warning colour</source>
        <translation>预警颜色</translation>
    </message>
    <message>
        <source>What</source>
        <translation>何事</translation>
    </message>
    <message>
        <source>by {time}</source>
        <translation>限 {time}</translation>
    </message>
    <message>
        <source>closed</source>
        <translation>已结束</translation>
    </message>
    <message>
        <source>dead {0}, hurt {1}, missing {2}</source>
        <translation>死亡 {0}　受伤 {1}　失联 {2}</translation>
    </message>
    <message>
        <source>next: {step}</source>
        <translation>下一步：{step}</translation>
    </message>
    <message>
        <source>not applied</source>
        <translation>未生效</translation>
    </message>
    <message>
        <source>not said</source>
        <translation>未填</translation>
    </message>
    <message>
        <source>overdue {span}</source>
        <translation>超时 {span}</translation>
    </message>
    <message>
        <source>owed {owed}, sent {sent}</source>
        <translation>待报 {owed}　已报 {sent}</translation>
    </message>
    <message>
        <source>show ({key})</source>
        <translation>查看（{key}）</translation>
    </message>
    <message>
        <source>since {time}</source>
        <translation>{time} 起</translation>
    </message>
    <message>
        <source>taken back</source>
        <translation>解除</translation>
    </message>
    <message>
        <source>without {what}</source>
        <translation>缺：{what}</translation>
    </message>
    <message>
        <source>{count} lines</source>
        <translation>共 {count} 条</translation>
    </message>
    <message>
        <source>{count} older lines stand in the journal</source>
        <translation>更早的 {count} 条在日志中</translation>
    </message>
    <message>
        <source>{span} left</source>
        <translation>余 {span}</translation>
    </message>
</context>
<context>
    <name>IncidentForm</name>
    <message>
        <source>As it is now</source>
        <translation>现在</translation>
    </message>
    <message>
        <source>As you saw it</source>
        <translation>您看到的</translation>
    </message>
    <message>
        <source>Discard</source>
        <translation>丢弃</translation>
    </message>
    <message>
        <source>Later</source>
        <translation>稍后</translation>
    </message>
    <message>
        <source>New incident</source>
        <translation>新建事件</translation>
    </message>
    <message>
        <source>Not closed. Missing: {what}. Fill it in, or give a reason.</source>
        <translation>未结束。缺：{what}。请补填，或写明理由。</translation>
    </message>
    <message>
        <source>Not there yet: {what}. Closing without needs a reason.</source>
        <translation>尚缺：{what}。不齐而结束须写明理由。</translation>
    </message>
    <message>
        <source>Save</source>
        <translation>保存</translation>
    </message>
    <message>
        <source>Save all the same</source>
        <translation>仍然保存</translation>
    </message>
    <message>
        <source>Still missing: {what}</source>
        <translation>还缺：{what}</translation>
    </message>
    <message>
        <source>Take on</source>
        <translation>接管建档</translation>
    </message>
    <message>
        <source>by phone; the node numbers it</source>
        <translation>电话接报；编号由节点给出</translation>
    </message>
    <message>
        <source>draft, not saved yet</source>
        <translation>草稿，尚未保存</translation>
    </message>
    <message>
        <source>from the alarm selected</source>
        <translation>取自所选报警</translation>
    </message>
    <message>
        <source>so far kept by its source</source>
        <translation>此前由其数据源管理</translation>
    </message>
    <message>
        <source>waiting for the node</source>
        <translation>等待节点答复</translation>
    </message>
</context>
</TS>
