"""Names that people of a made-up company have, in many scripts, each with a spelling in ASCII."""

from __future__ import annotations

from typing import NamedTuple


class Name(NamedTuple):
    """A name, and how its bearer writes it in a user ID."""

    text: str
    ascii: str


class NameList(NamedTuple):
    """The names of one part of the company.

    share: how many of a hundred employees have such names. family_first: whether the family name
    comes first when the whole name is written. between: what stands between the two then.
    """

    share: int
    given: tuple[Name, ...]
    family: tuple[Name, ...]
    family_first: bool = False
    between: str = " "


def _names(words: str) -> tuple[Name, ...]:
    """Return names that are given with blanks between; with a slash, the second part is ASCII."""
    parts = (word.partition("/") for word in words.split())
    return tuple(Name(text, ascii_text or text.lower()) for text, _, ascii_text in parts)


NAME_LISTS = (
    NameList(
        38,
        _names("Ada Alice Ben Carl Clara Dan Emma Eric Fay Grace Henry Ida Jack Jane Kate Leo Lucy "
               "Mark Mary Nell Oscar Paul Rose Ruth Sam Sean Tess Tom Vera Walter"),
        _names("Archer Baker Barrow Brook Carter Chandler Cooper Dale Draper Fielding Fisher "
               "Forrest Fowler Glover Hill Hunter Marsh Mason Miller Page Parker Porter Potter "
               "Reed Sawyer Smith Taylor Turner Walker Weaver O'Brien/obrien O'Neill/oneill "
               "Smith-Hill/smithhill"),
    ),
    NameList(
        22,
        _names("André/andre Björn/bjorn Chloé/chloe Dušan/dusan François/francois Gülşen/gulsen "
               "Håkon/hakon Inês/ines Jürgen/juergen Łukasz/lukasz María/maria Nuño/nuno "
               "Øyvind/oyvind Renée/renee Søren/soren Țepeș/tepes Zoë/zoe Živa/ziva"),
        _names("Åström/astrom Brûlé/brule Çelik/celik Dvořák/dvorak Ferrão/ferrao "
               "Großmann/grossmann Jørgensen/jorgensen Kovács/kovacs Łaski/laski "
               "Müller/mueller Muñoz/munoz Nguyễn/nguyen Öztürk/ozturk "
               "Ștefan/stefan Šimić/simic Weiß/weiss Żuraw/zuraw"),
    ),
    NameList(
        6,
        _names("Άννα/anna Γιώργος/giorgos Δήμητρα/dimitra Κώστας/kostas Μαρία/maria Νίκος/nikos "
               "Σοφία/sofia Φώτης/fotis"),
        _names("Αλεξίου/alexiou Βασιλείου/vasileiou Δούκας/doukas Ζώης/zois Κοντός/kontos "
               "Μακρής/makris Ράπτης/raptis Χαλκιάς/chalkias"),
    ),
    NameList(
        8,
        _names("Алёна/alyona Борис/boris Вера/vera Ганна/hanna Дмитрий/dmitry Женя/zhenya "
               "Їванна/yivanna Олег/oleg Светлана/svetlana Юрий/yury"),
        _names("Гончар/honchar Зайцева/zaytseva Ковальчук/kovalchuk Кузнецов/kuznetsov "
               "Мельник/melnyk Соболев/sobolev Ткач/tkach Щербина/shcherbyna Яблоков/yablokov"),
    ),
    NameList(
        8,
        _names("伟/wei 芳/fang 娜/na 敏/min 静/jing 磊/lei 建国/jianguo 小红/xiaohong 海燕/haiyan"),
        _names("王/wang 李/li 张/zhang 刘/liu 陈/chen 杨/yang 赵/zhao 黃/huang 周/zhou 欧阳/ouyang"),
        family_first=True, between="",
    ),
    NameList(
        5,
        _names("愛/ai 健/ken さくら/sakura 翔太/shota 直子/naoko 一郎/ichiro ユミ/yumi 誠/makoto"),
        _names("佐藤/sato 鈴木/suzuki 高橋/takahashi 田中/tanaka 渡辺/watanabe 小川/ogawa 森/mori "
               "髙木/takagi"),
        family_first=True,
    ),
    NameList(
        4,
        _names("민준/minjun 서연/seoyeon 지훈/jihun 하은/haeun 도윤/doyun 수빈/subin"),
        _names("김/kim 이/lee 박/park 최/choi 정/jung 강/kang 남궁/namgung"),
        family_first=True, between="",
    ),
    NameList(
        4,
        _names("أحمد/ahmad ليلى/layla يوسف/yusuf فاطمة/fatima عمر/omar نور/nour"),
        _names("الخباز/alkhabbaz النجار/alnajjar حداد/haddad صائغ/sayegh القاضي/alqadi"),
    ),
    NameList(
        2,
        _names("דוד/david נועה/noa יעל/yael אורי/uri תמר/tamar"),
        _names("כהן/cohen לוי/levi מזרחי/mizrahi נגר/nagar שמש/shamash"),
    ),
    NameList(
        3,
        _names("आरव/aarav प्रिया/priya रोहन/rohan सीता/sita विजय/vijay अंजलि/anjali"),
        _names("शर्मा/sharma वर्मा/verma गुप्ता/gupta लोहार/lohar जोशी/joshi"),
    ),
)
