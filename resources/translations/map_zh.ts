<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE TS>
<TS version="2.1" language="zh_CN" sourcelanguage="en">
<context>
    <name>Map</name>
    <message>
        <source>schematic</source>
        <translation>示意</translation>
    </message>
    <message>
        <source>Layers</source>
        <translation>图层</translation>
    </message>
    <message>
        <source>Zoom in</source>
        <translation>放大</translation>
    </message>
    <message>
        <source>Zoom out</source>
        <translation>缩小</translation>
    </message>
    <message>
        <source>Whole area</source>
        <translation>全域</translation>
    </message>
    <message>
        <source>Sensors</source>
        <translation>传感器</translation>
    </message>
    <message>
        <source>Alarms</source>
        <translation>报警</translation>
    </message>
    <message>
        <source>Cameras</source>
        <translation>摄像机</translation>
    </message>
    <message>
        <source>Posts</source>
        <translation>指挥部</translation>
    </message>
    <message>
        <source>Vehicles</source>
        <translation>车组</translation>
    </message>
    <message>
        <source>Places</source>
        <translation>场所</translation>
    </message>
    <message>
        <source>Names</source>
        <translation>地名</translation>
    </message>
    <message>
        <source>Pipes</source>
        <translation>管网</translation>
    </message>
    <message>
        <source>red</source>
        <translation>红色</translation>
    </message>
    <message>
        <source>orange</source>
        <translation>橙色</translation>
    </message>
    <message>
        <source>yellow</source>
        <translation>黄色</translation>
    </message>
    <message>
        <source>blue</source>
        <translation>蓝色</translation>
    </message>
    <message>
        <source>warning</source>
        <translation>预警</translation>
    </message>
    <message>
        <source>{event} warning, {colour}</source>
        <translation>{event}{colour}预警</translation>
    </message>
    <message>
        <source>{warning}, to {time}</source>
        <translation>{warning} 至 {time}</translation>
    </message>
    <message>
        <source>{n} units on line</source>
        <translation>在线 {n} 车组</translation>
    </message>
    <message>
        <source>Loading the map …</source>
        <translation>正在装入地图 …</translation>
    </message>
    <message>
        <source>The map&apos;s process ended; loading it again</source>
        <translation>地图进程中断，正在重新装入</translation>
    </message>
    <message>
        <source>The map&apos;s page cannot be built</source>
        <translation>地图页面无法生成</translation>
    </message>
</context>
</TS>
