<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE TS>
<TS version="2.1" language="zh_CN" sourcelanguage="en">
<context>
    <name>OnAir</name>
    <message>
        <source>On air: {wall}</source>
        <translation>{wall} 实况</translation>
    </message>
    <message>
        <source>On air: {wall} · {person} presents since {time}</source>
        <translation>{wall} 实况 · {person} 自 {time} 起演示</translation>
    </message>
    <message>
        <source>End</source>
        <translation>结束演示</translation>
    </message>
    <message>
        <source>Present</source>
        <translation>演示</translation>
    </message>
    <message>
        <source>Freeze</source>
        <translation>定格</translation>
    </message>
    <message>
        <source>Undo</source>
        <translation>撤销</translation>
    </message>
    <message>
        <source>Clear</source>
        <translation>清除</translation>
    </message>
    <message>
        <source>Draw</source>
        <translation>画笔</translation>
    </message>
    <message>
        <source>Hand</source>
        <translation>拖动</translation>
    </message>
    <message>
        <source>To the desk</source>
        <translation>取到席位</translation>
    </message>
    <message>
        <source>Close</source>
        <translation>关闭</translation>
    </message>
    <message>
        <source>Frozen {time}</source>
        <translation>定格 {time}</translation>
    </message>
</context>
</TS>
