"""Names in Chinese and English, composed from morphemes as street names in China are."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from twin.demo.plan import generator


@dataclass(frozen=True, slots=True)
class Name:
    """A name in Chinese and its English form."""

    zh: str
    en: str

    def with_suffix(self, zh: str, en: str) -> Name:
        """Return the name followed by a generic word: 人民 + 路, Renmin + Road."""
        return Name(self.zh + zh, f"{self.en} {en}")


AVENUES = (
    "人民 Renmin|中山 Zhongshan|解放 Jiefang|建设 Jianshe|和平 Heping|文化 Wenhua|胜利 Shengli|新华 Xinhua|"
    "东风 Dongfeng|长江 Changjiang|黄河 Huanghe|友谊 Youyi|光明 Guangming|迎宾 Yingbin|科技 Keji|创新 Chuangxin|"
    "滨湖 Binhu|世纪 Shiji|朝阳 Chaoyang|青年 Qingnian|育才 Yucai|团结 Tuanjie|民主 Minzhu|工农 Gongnong|"
    "兴业 Xingye|凤凰 Fenghuang|金桥 Jinqiao|锦绣 Jinxiu|学府 Xuefu"
)
"""Words of which the names of avenues are made."""

FIRST = (
    "安 An|昌 Chang|春 Chun|德 De|东 Dong|丰 Feng|福 Fu|富 Fu|广 Guang|桂 Gui|和 He|恒 Heng|华 Hua|惠 Hui|吉 Ji|"
    "嘉 Jia|建 Jian|金 Jin|锦 Jin|景 Jing|康 Kang|兰 Lan|乐 Le|丽 Li|柳 Liu|隆 Long|梅 Mei|明 Ming|宁 Ning|平 Ping|"
    "清 Qing|庆 Qing|仁 Ren|荣 Rong|瑞 Rui|盛 Sheng|泰 Tai|天 Tian|文 Wen|祥 Xiang|新 Xin|兴 Xing|秀 Xiu|学 Xue|"
    "义 Yi|永 Yong|玉 Yu|裕 Yu|云 Yun|振 Zhen|正 Zheng|志 Zhi|竹 Zhu|紫 Zi"
)
LAST = (
    "安 an|昌 chang|成 cheng|达 da|德 de|定 ding|发 fa|丰 feng|福 fu|光 guang|和 he|华 hua|辉 hui|江 jiang|康 kang|"
    "乐 le|林 lin|隆 long|宁 ning|平 ping|泉 quan|荣 rong|瑞 rui|山 shan|盛 sheng|顺 shun|泰 tai|田 tian|通 tong|"
    "旺 wang|溪 xi|祥 xiang|新 xin|兴 xing|阳 yang|业 ye|义 yi|园 yuan|源 yuan|月 yue|泽 ze|洲 zhou"
)
OLD_LANES = (
    "东门 Dongmen|西门 Ximen|南门 Nanmen|北门 Beimen|鼓楼 Gulou|钟楼 Zhonglou|文庙 Wenmiao|城隍庙 Chenghuangmiao|"
    "状元 Zhuangyuan|米市 Mishi|鱼市 Yushi|盐店 Yandian|布市 Bushi|竹器 Zhuqi|打铁 Datie|豆腐 Doufu|绣花 Xiuhua|"
    "井头 Jingtou|石桥 Shiqiao|柳荫 Liuyin|槐树 Huaishu|桂花 Guihua|梅花 Meihua|书院 Shuyuan|染坊 Ranfang|"
    "茶馆 Chaguan|药王 Yaowang|观音 Guanyin|马道 Madao|箭道 Jiandao|粮道 Liangdao|三元 Sanyuan|大夫 Daifu|"
    "青石 Qingshi|水巷 Shuixiang|渡口 Dukou|灯笼 Denglong|银匠 Yinjiang|裁缝 Caifeng|磨坊 Mofang"
)


def _pairs(text: str) -> list[Name]:
    """Read 'zh en|zh en' into names."""
    return [Name(*item.split(" ")) for item in text.split("|")]


class NameGiver:
    """Hands out names, each stem once."""

    def __init__(self, seed: int) -> None:
        rng = generator(seed, "names")
        self._avenues = _shuffled(_pairs(AVENUES), rng)
        self._lanes = _shuffled(_pairs(OLD_LANES), rng)
        first, last = _pairs(FIRST), _pairs(LAST)
        stems = [Name(a.zh + b.zh, a.en + b.en) for a in first for b in last if a.zh != b.zh]
        self._stems = _shuffled(stems, rng)
        self._used: set[str] = {name.zh for name in self._avenues}

    def avenue(self) -> Name:
        """Return the stem of an avenue, of the well-known ones first."""
        return self._avenues.pop() if self._avenues else self.stem()

    def lane(self) -> Name:
        """Return the stem of a lane of the old town, of the historical ones first."""
        return self._lanes.pop() if self._lanes else self.stem()

    def stem(self) -> Name:
        """Return two composed syllables that no other street of the city has."""
        while True:
            name = self._stems.pop()
            if name.zh not in self._used:
                self._used.add(name.zh)
                return name


_COMPASS = "东 East|东北 Northeast|北 North|西北 Northwest|西 West|西南 Southwest|南 South|东南 Southeast"


def compass(x: float, y: float) -> Name:
    """Return the side of the city on which a place lies, as a word in both languages."""
    return _pairs(_COMPASS)[round(float(np.arctan2(y, x)) / (np.pi / 4)) % 8]


def _shuffled(names: list[Name], rng: np.random.Generator) -> list[Name]:
    return [names[i] for i in rng.permutation(len(names))]
