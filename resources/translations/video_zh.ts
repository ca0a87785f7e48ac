<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE TS>
<TS version="2.1" language="zh_CN" sourcelanguage="en">
<context>
    <name>Video</name>
    <message>
        <source>no recording in a replay</source>
        <translation>回放中无录像</translation>
    </message>
    <message>
        <source>live feed released</source>
        <translation>实时画面已停</translation>
    </message>
    <message>
        <source>by alarm</source>
        <translation>随报警</translation>
    </message>
    <message>
        <source>fixed</source>
        <translation>固定</translation>
    </message>
    <message>
        <source>in turn</source>
        <translation>轮巡</translation>
    </message>
    <message>
        <source>infrared</source>
        <translation>红外</translation>
    </message>
    <message>
        <source>connecting</source>
        <translation>连接中</translation>
    </message>
    <message>
        <source>lost since {time}</source>
        <translation>{time} 起中断</translation>
    </message>
    <message>
        <source>never received</source>
        <translation>尚无画面</translation>
    </message>
    <message>
        <source>no picture</source>
        <translation>无画面</translation>
    </message>
    <message>
        <source>no answer</source>
        <translation>无应答</translation>
    </message>
    <message>
        <source>sends nothing</source>
        <translation>无数据</translation>
    </message>
    <message>
        <source>the camera ended the connection</source>
        <translation>摄像机断开连接</translation>
    </message>
    <message>
        <source>connection refused</source>
        <translation>拒绝连接</translation>
    </message>
    <message>
        <source>the address is not known there</source>
        <translation>地址无此视频</translation>
    </message>
    <message>
        <source>login refused</source>
        <translation>登录被拒</translation>
    </message>
    <message>
        <source>data cannot be decoded</source>
        <translation>数据无法解码</translation>
    </message>
    <message>
        <source>no picture in the stream</source>
        <translation>流中无画面</translation>
    </message>
    <message>
        <source>the decoder restarts</source>
        <translation>解码重启中</translation>
    </message>
    <message>
        <source>no link to the node</source>
        <translation>节点未连接</translation>
    </message>
    <message>
        <source>the node does not give it now</source>
        <translation>节点暂未提供此路画面</translation>
    </message>
    <message>
        <source>No cameras</source>
        <translation>没有摄像机</translation>
    </message>
    <message>
        <source>Cameras that a source declares appear here.</source>
        <translation>数据源声明的摄像机将显示在这里。</translation>
    </message>
    <message>
        <source>nearest first</source>
        <translation>由近及远</translation>
    </message>
</context>
</TS>
