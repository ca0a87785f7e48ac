<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE TS>
<TS version="2.1" language="zh_CN" sourcelanguage="en">
<context>
    <name>Pattern</name>
    <message>
        <source>Test pattern</source>
        <translation>校准图</translation>
    </message>
    <message>
        <source>{w} × {h} px</source>
        <translation>{w} × {h} 像素</translation>
    </message>
    <message>
        <source>corner at {x:.1f}, {y:.1f} {unit}</source>
        <translation>左上角 {x:.1f}，{y:.1f} {unit}</translation>
    </message>
    <message>
        <source>a square is {n:g} {unit}</source>
        <translation>方格 {n:g} {unit}</translation>
    </message>
    <message>
        <source>text {n:.1f} {unit} high</source>
        <translation>字高 {n:.1f} {unit}</translation>
    </message>
</context>
</TS>
