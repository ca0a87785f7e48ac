<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE TS>
<TS version="2.1" language="zh_CN" sourcelanguage="en">
<context>
    <name>Acts</name>
    <message>
        <source>To send</source>
        <translation>待送</translation>
    </message>
    <message>
        <source>Saved</source>
        <translation>已存</translation>
    </message>
    <message>
        <source>Done</source>
        <translation>已执行</translation>
    </message>
    <message>
        <source>Conflict</source>
        <translation>冲突</translation>
    </message>
    <message>
        <source>Refused</source>
        <translation>被拒</translation>
    </message>
</context>
<context>
    <name>Alarms</name>
    <message>
        <source>Closed last: {count}</source>
        <translation>最近办结 {count} 条</translation>
    </message>
    <message>
        <source>III and lower {lower}   shelved {out}   merged {same}</source>
        <translation>三级及以下 {lower} 组　已搁置 {out}　同因合并 {same} 条</translation>
    </message>
    <message>
        <source>New alarms appear here and in the strip above. N jumps to the most urgent.</source>
        <translation>新报警出现在此处和上方横条。按 N 跳到最急的一条。</translation>
    </message>
    <message>
        <source>No open alarms</source>
        <translation>无待处置报警</translation>
    </message>
    <message>
        <source>first: {act}</source>
        <translation>先：{act}</translation>
    </message>
    <message>
        <source>incident {number}</source>
        <translation>事件 {number}</translation>
    </message>
    <message>
        <source>lasted {span}</source>
        <translation>历时 {span}</translation>
    </message>
    <message>
        <source>limit {value}</source>
        <translation>限 {value}</translation>
    </message>
    <message>
        <source>sensor not known here</source>
        <translation>本机不识此传感器</translation>
    </message>
    <message>
        <source>single</source>
        <translation>单条</translation>
    </message>
    <message>
        <source>{age} not acked</source>
        <translation>{age} 未确认</translation>
    </message>
    <message>
        <source>{age} returned</source>
        <translation>{age} 已恢复 待确认</translation>
    </message>
    <message>
        <source>{count} in 10 min</source>
        <translation>近 10 min {count} 条</translation>
    </message>
    <message>
        <source>{count} of one cause: {names}</source>
        <translation>同因 {count} 条：{names}</translation>
    </message>
    <message>
        <source>{groups} groups of {alarms}, {open} not acked</source>
        <translation>{groups} 组 {alarms} 条，{open} 组未确认</translation>
    </message>
    <message>
        <source>{who} acknowledged {when}</source>
        <translation>{who} {when} 确认</translation>
    </message>
    <message>
        <source>none open</source>
        <translation>0 组</translation>
    </message>
    <message>
        <source>{count} groups</source>
        <translation>{count} 组</translation>
    </message>
    <message>
        <source>No open alarms in {area}</source>
        <translation>{area} 无待处置报警</translation>
    </message>
</context>
<context>
    <name>BoardMatrix</name>
    <message>
        <source>Streams</source>
        <translation>路数</translation>
    </message>
    <message>
        <source>Waiting for sensors with domain and area</source>
        <translation>等待带行业与区域的传感器</translation>
    </message>
    <message>
        <source>bar: how near the worst stream is to its limit</source>
        <translation>横条：最差一路离限值多近</translation>
    </message>
    <message>
        <source>{count}</source>
        <translation>{count} 条</translation>
    </message>
    <message>
        <source>{count} lost</source>
        <translation>停 {count}</translation>
    </message>
    <message>
        <source>bar: nearness to the limit</source>
        <translation>横条：离限值多近</translation>
    </message>
</context>
<context>
    <name>Incidents</name>
    <message>
        <source>I takes a report; alarms and calls that were verified appear here.</source>
        <translation>按 I 新建；报警、来电、应急通上报核实后也进入此处。</translation>
    </message>
    <message>
        <source>No open incidents</source>
        <translation>无进行中事件</translation>
    </message>
    <message>
        <source>closed</source>
        <translation>已办结</translation>
    </message>
    <message>
        <source>draft</source>
        <translation>有草稿</translation>
    </message>
    <message>
        <source>{count} open</source>
        <translation>{count} 起进行中</translation>
    </message>
    <message>
        <source>{count} today</source>
        <translation>今日 {count}</translation>
    </message>
    <message>
        <source>{report} in {span}</source>
        <translation>{report} 余 {span}</translation>
    </message>
    <message>
        <source>{report} overdue {span}</source>
        <translation>{report} 逾期 {span}</translation>
    </message>
    <message>
        <source>{span} so far</source>
        <translation>已 {span}</translation>
    </message>
    <message>
        <source>to be closed</source>
        <translation>待办结</translation>
    </message>
    <message>
        <source>since {time}</source>
        <translation>{time} 起</translation>
    </message>
    <message>
        <source>closed {time}</source>
        <translation>{time} 办结</translation>
    </message>
    <message>
        <source>place not known</source>
        <translation>地点未知</translation>
    </message>
    <message>
        <source>response {numeral}</source>
        <translation>{numeral} 级响应</translation>
    </message>
    <message>
        <source>{colour} warning</source>
        <translation>{colour}预警</translation>
    </message>
    <message>
        <source>Casualties</source>
        <translation>伤亡</translation>
    </message>
    <message>
        <source>not reported yet</source>
        <translation>尚无报告</translation>
    </message>
    <message>
        <source>dead</source>
        <translation>死</translation>
    </message>
    <message>
        <source>hurt</source>
        <translation>伤</translation>
    </message>
    <message>
        <source>missing</source>
        <translation>失联</translation>
    </message>
    <message>
        <source>by {time}</source>
        <translation>限 {time}</translation>
    </message>
</context>
<context>
    <name>Notices</name>
    <message>
        <source>No notices</source>
        <translation>无通知</translation>
    </message>
    <message>
        <source>Troubles of the system itself appear here: links, sources, disks, tiles.</source>
        <translation>系统自身的问题出现在此处：链路、数据源、磁盘、窗格。</translation>
    </message>
    <message>
        <source>{count} errors</source>
        <translation>{count} 条错误</translation>
    </message>
    <message>
        <source>{count} in all</source>
        <translation>共 {count}</translation>
    </message>
</context>
<context>
    <name>Posts</name>
    <message>
        <source>No posts or teams known</source>
        <translation>无指挥部与队伍</translation>
    </message>
    <message>
        <source>Posts, vehicles and teams that a source reports appear here.</source>
        <translation>数据源上报的指挥部、车辆、队伍出现在此处。</translation>
    </message>
    <message>
        <source>all on line</source>
        <translation>全部在线</translation>
    </message>
    <message>
        <source>never</source>
        <translation>未报</translation>
    </message>
    <message>
        <source>on line</source>
        <translation>在线</translation>
    </message>
    <message>
        <source>waits {count}</source>
        <translation>待发 {count}</translation>
    </message>
    <message>
        <source>cut {age}</source>
        <translation>断 {age}</translation>
    </message>
    <message>
        <source>{age} ago</source>
        <translation>{age} 前</translation>
    </message>
    <message>
        <source>{count} cut off</source>
        <translation>{count} 处断联</translation>
    </message>
    <message>
        <source>{count} in all</source>
        <translation>共 {count}</translation>
    </message>
    <message>
        <source>{count} on duty</source>
        <translation>值班 {count} 人</translation>
    </message>
    <message>
        <source>{count} teams on scene</source>
        <translation>队伍 {count} 支在办</translation>
    </message>
    <message>
        <source>straight distance</source>
        <translation>直线距离</translation>
    </message>
</context>
<context>
    <name>Queue</name>
    <message>
        <source>Cut from above, working on here</source>
        <translation>与上级断开，本车照常工作</translation>
    </message>
    <message>
        <source>Live data to {clock}</source>
        <translation>实时数据至 {clock}</translation>
    </message>
    <message>
        <source>Linked to {node}</source>
        <translation>已连 {node}</translation>
    </message>
    <message>
        <source>Node not reached for {span}</source>
        <translation>节点断开 {span}</translation>
    </message>
    <message>
        <source>Retry now</source>
        <translation>立即重试</translation>
    </message>
    <message>
        <source>Shown as of {clock}; it comes back by itself</source>
        <translation>画面停在 {clock}，自动续上</translation>
    </message>
    <message>
        <source>To node {rtt}   dropped {count}</source>
        <translation>到节点 {rtt}　丢弃 {count}</translation>
    </message>
    <message>
        <source>To send {count}</source>
        <translation>待发 {count} 项</translation>
    </message>
    <message>
        <source>Uplink cut {span}</source>
        <translation>上级断 {span}</translation>
    </message>
    <message>
        <source>Uplink not set up</source>
        <translation>上级链路 未接入</translation>
    </message>
    <message>
        <source>Uplink {name}</source>
        <translation>上级链路 {name}</translation>
    </message>
</context>
</TS>
