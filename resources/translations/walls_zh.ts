<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE TS>
<TS version="2.1" language="zh_CN" sourcelanguage="en">
<context>
    <name>WallsPanel</name>
    <message>
        <source>by a rule of {person} at {time}, {lasts} ago</source>
        <translation>{time} 按 {person} 设定的规则自动上屏 · 已 {lasts}</translation>
    </message>
    <message>
        <source>by {person} at {time}, {lasts} ago</source>
        <translation>{person} {time} 上屏 · 已 {lasts}</translation>
    </message>
    <message>
        <source>{count} scenes in turn, each {lasts}</source>
        <translation>{count} 个场景轮播，各 {lasts}</translation>
    </message>
    <message>
        <source>replay {name}</source>
        <translation>回放 {name}</translation>
    </message>
    <message>
        <source>nobody controls it</source>
        <translation>无人控制</translation>
    </message>
    <message>
        <source>controlled from here</source>
        <translation>本席控制</translation>
    </message>
    <message>
        <source>controlled by {person}</source>
        <translation>{person} 控制</translation>
    </message>
    <message>
        <source>{person} asks for it</source>
        <translation>{person} 申请控制</translation>
    </message>
    <message>
        <source>grade {grade} or graver → {scene}</source>
        <translation>{grade} 级及以上 → {scene}</translation>
    </message>
    <message>
        <source>By itself: {rules}</source>
        <translation>自动上屏：{rules}</translation>
    </message>
    <message>
        <source>machine {name}</source>
        <translation>主机 {name}</translation>
    </message>
    <message>
        <source>the wall machine</source>
        <translation>大屏主机</translation>
    </message>
    <message>
        <source>no machine of this wall is connected</source>
        <translation>无主机接入此大屏</translation>
    </message>
    <message>
        <source>{name}: not heard for {age}</source>
        <translation>{name} 失联 {age}</translation>
    </message>
    <message>
        <source>{name}: never heard</source>
        <translation>{name} 从未接入</translation>
    </message>
    <message>
        <source>{name}: no monitor for {screens}</source>
        <translation>{name} 缺屏 {screens}</translation>
    </message>
    <message>
        <source>{name}: shows scene {number}</source>
        <translation>{name} 已上屏 第 {number} 号</translation>
    </message>
    <message>
        <source>{name}: waits for a scene</source>
        <translation>{name} 等待场景</translation>
    </message>
    <message>
        <source>{name}: changing</source>
        <translation>{name} 切换中</translation>
    </message>
    <message>
        <source>{name}: shows no scene yet</source>
        <translation>{name} 尚未上屏</translation>
    </message>
    <message>
        <source>{name}: still on scene {number}</source>
        <translation>{name} 仍在第 {number} 号</translation>
    </message>
    <message>
        <source>no monitor</source>
        <translation>缺屏</translation>
    </message>
    <message>
        <source>never heard</source>
        <translation>从未接入</translation>
    </message>
    <message>
        <source>not heard</source>
        <translation>失联</translation>
    </message>
    <message>
        <source>no scene yet</source>
        <translation>尚无场景</translation>
    </message>
    <message>
        <source>No wall yet</source>
        <translation>还没有大屏</translation>
    </message>
    <message>
        <source>{count} with trouble</source>
        <translation>{count} 面有故障</translation>
    </message>
    <message>
        <source>{count} in all</source>
        <translation>共 {count} 面</translation>
    </message>
    <message>
        <source>Preview a scene (Ctrl+K) and press W: it goes on this wall.</source>
        <translation>预演一个场景（Ctrl+K），按 W 即上此屏。</translation>
    </message>
    <message>
        <source>Preview and change</source>
        <translation>预演并修改</translation>
    </message>
    <message>
        <source>Scene before</source>
        <translation>上一场景</translation>
    </message>
    <message>
        <source>Hand over</source>
        <translation>移交</translation>
    </message>
    <message>
        <source>Release</source>
        <translation>放手</translation>
    </message>
    <message>
        <source>Ask for it</source>
        <translation>申请控制</translation>
    </message>
    <message>
        <source>Take over</source>
        <translation>接管</translation>
    </message>
</context>
<context>
    <name>Thumbnails</name>
    <message>
        <source>lost since {time}</source>
        <translation>{time} 起无画面</translation>
    </message>
    <message>
        <source>waiting for a picture</source>
        <translation>等待画面</translation>
    </message>
    <message>
        <source>no picture</source>
        <translation>无画面</translation>
    </message>
</context>
<context>
    <name>Following</name>
    <message>
        <source>link cut {age}</source>
        <translation>链路断 {age}</translation>
    </message>
</context>
</TS>
