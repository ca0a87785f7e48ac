<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE TS>
<TS version="2.1" language="zh_CN" sourcelanguage="en">
<context>
    <name>Chart</name>
    <message>
        <source>loading history</source>
        <translation>历史取数中</translation>
    </message>
    <message>
        <source>no data</source>
        <translation>无数据</translation>
    </message>
    <message>
        <source>Its samples bear times to come and cannot be placed.</source>
        <translation>该传感器的数据带有未来的时刻，无法落在时间轴上。</translation>
    </message>
    <message>
        <source>last {span}</source>
        <translation>近 {span}</translation>
    </message>
    <message>
        <source>rain from top</source>
        <translation>上方柱为雨量</translation>
    </message>
    <message>
        <source>trend {time}</source>
        <translation>趋势 {time}</translation>
    </message>
    <message>
        <source>No sensor yet</source>
        <translation>尚无传感器</translation>
    </message>
    <message>
        <source>Select one in a list, on the map or in the strips.</source>
        <translation>在列表、地图或曲线中选一个。</translation>
    </message>
    <message>
        <source>Never received</source>
        <translation>尚未收到数据</translation>
    </message>
    <message>
        <source>Waiting for {name} from source {source}.</source>
        <translation>等待 {name}，来源 {source}。</translation>
    </message>
    <message>
        <source>See the notices for the state of the source.</source>
        <translation>来源的状态见通知。</translation>
    </message>
    <message>
        <source>No curve in {area}</source>
        <translation>{area} 没有可画的曲线</translation>
    </message>
</context>
<context>
    <name>Strips</name>
    <message>
        <source>last {span}</source>
        <translation>近 {span}</translation>
    </message>
    <message>
        <source>steady</source>
        <translation>平稳</translation>
    </message>
    <message>
        <source>never received</source>
        <translation>尚未收到</translation>
    </message>
    <message>
        <source>bad value</source>
        <translation>坏值</translation>
    </message>
    <message>
        <source>No streams yet</source>
        <translation>尚无曲线</translation>
    </message>
    <message>
        <source>Streams with limits appear here, the worst first.</source>
        <translation>设有限值的数据在此显示，最差的在前。</translation>
    </message>
    <message>
        <source>No streams in {area}</source>
        <translation>{area} 没有监测曲线</translation>
    </message>
    <message>
        <source>Worst streams</source>
        <translation>最需看的曲线</translation>
    </message>
</context>
</TS>
