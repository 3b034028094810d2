"""What the public concepts are called in other languages than English."""

from __future__ import annotations

import fnmatch
import functools
from typing import TYPE_CHECKING

from clarifai_local._public_content import CONCEPTS
from clarifai_local.statuses import invalid

if TYPE_CHECKING:
    from collections.abc import Mapping

ENGLISH = "en"

_IN_ORDER = {
    "de": "Tier,Apfel,Ball,Banane,Strand,Fahrrad,Vogel,schwarz,blau,Boot,Buch,Brot,Brücke,Gebäude,"
    "Bus,Kuchen,Auto,Katze,Stuhl,Kind,Stadt,Wolke,Küste,Kaffee,Computer,Kuh,dunkel,Tageslicht,"
    "Wüste,Ziffer,Hund,Zeichnung,Gesicht,Fisch,Blume,Essen,Wald,Obst,Mädchen,Gras,grün,Handschrift,"
    "Pferd,Haus,drinnen,Landschaft,Blatt,Licht,Mann,einfarbig,Berg,Natur,Nacht,Ozean,Büro,Orange,"
    "draußen,Park,Muster,Menschen,Person,rosa,Flugzeug,Pflanze,Porträt,lila,rot,Fluss,Landstraße,"
    "Fels,Zimmer,Sand,Meer,Himmel,Schnee,Sport,Straße,Sommer,Sonne,Sonnenuntergang,Symbol,Tisch,"
    "Text,Textur,Verkehr,Zug,Transport,Reise,Baum,städtisch,Fahrzeug,Wand,Wasser,weiß,Winter,Frau,"
    "Holz,gelb",
    "es": "animal,manzana,pelota,plátano,playa,bicicleta,pájaro,negro,azul,barco,libro,pan,puente,"
    "edificio,autobús,pastel,coche,gato,silla,niño,ciudad,nube,costa,café,ordenador,vaca,oscuro,"
    "luz del día,desierto,dígito,perro,dibujo,cara,pez,flor,comida,bosque,fruta,niña,hierba,verde,"
    "escritura a mano,caballo,casa,interior,paisaje,hoja,luz,hombre,monocromo,montaña,naturaleza,"
    "noche,océano,oficina,naranja,aire libre,parque,patrón,gente,persona,rosa,avión,planta,retrato,"
    "morado,rojo,río,carretera,roca,habitación,arena,mar,cielo,nieve,deporte,calle,verano,sol,"
    "puesta de sol,símbolo,mesa,texto,textura,tráfico,tren,transporte,viaje,árbol,urbano,vehículo,"
    "pared,agua,blanco,invierno,mujer,madera,amarillo",
    "fr": "animal,pomme,balle,banane,plage,vélo,oiseau,noir,bleu,bateau,livre,pain,pont,bâtiment,"
    "bus,gâteau,voiture,chat,chaise,enfant,ville,nuage,côte,café,ordinateur,vache,sombre,"
    "lumière du jour,désert,chiffre,chien,dessin,visage,poisson,fleur,nourriture,forêt,fruit,fille,"
    "herbe,vert,écriture,cheval,maison,intérieur,paysage,feuille,lumière,homme,monochrome,montagne,"
    "nature,nuit,océan,bureau,orange,extérieur,parc,motif,gens,personne,rose,avion,plante,portrait,"
    "violet,rouge,rivière,route,rocher,pièce,sable,mer,ciel,neige,sport,rue,été,soleil,"
    "coucher de soleil,symbole,table,texte,texture,circulation,train,transport,voyage,arbre,urbain,"
    "véhicule,mur,eau,blanc,hiver,femme,bois,jaune",
    "ja": "動物,りんご,ボール,バナナ,ビーチ,自転車,鳥,黒,青,船,本,パン,橋,建物,バス,ケーキ,車,猫,"
    "椅子,子供,都市,雲,海岸,コーヒー,コンピュータ,牛,暗い,日光,砂漠,数字,犬,絵,顔,魚,花,食べ物,森,果物,"
    "女の子,草,緑,手書き,馬,家,屋内,風景,葉,光,男性,モノクロ,山,自然,夜,海洋,オフィス,オレンジ,屋外,"
    "公園,模様,人々,人,ピンク,飛行機,植物,肖像画,紫,赤,川,道路,岩,部屋,砂,海,空,雪,スポーツ,通り,"
    "夏,太陽,日没,記号,テーブル,文字,質感,交通,電車,輸送,旅行,木,都会,乗り物,壁,水,白,冬,女性,木材,"
    "黄色",
    "zh": "动物,苹果,球,香蕉,海滩,自行车,鸟,黑色,蓝色,船,书,面包,桥,建筑物,公共汽车,蛋糕,汽车,猫,"
    "椅子,孩子,城市,云,海岸,咖啡,电脑,牛,黑暗,日光,沙漠,数字,狗,图画,脸,鱼,花,食物,森林,水果,女孩,草,"
    "绿色,手写,马,房子,室内,风景,叶子,光,男人,单色,山,自然,夜晚,海洋,办公室,橙色,户外,公园,图案,"
    "人们,人,粉色,飞机,植物,肖像,紫色,红色,河,路,岩石,房间,沙,大海,天空,雪,运动,街道,夏天,太阳,"
    "日落,符号,桌子,文字,纹理,交通,火车,运输,旅行,树,都市,车辆,墙,水,白色,冬天,女人,木头,黄色",
}
"""By language: the names of `CONCEPTS`, in that order."""

LANGUAGES = (ENGLISH, *_IN_ORDER)
"""Codes (ISO 639-1) of the languages in which the public concepts have names."""


def check_language(language: str, field: str) -> str:
    """Return the language that a request means, English when it names none.

    Args:
        language: As the request has it.
        field: Where it stands there.

    Raises:
        Refused: 11102, for one that the platform does not speak.
    """
    if language and language not in LANGUAGES:
        known = ", ".join(LANGUAGES)
        raise invalid(f"{field}: the public concepts have no names in {language!r}, but in {known}")
    return language or ENGLISH


def translated(name: str, language: str) -> str:
    """Return the name of a public concept in a language, other names as they are.

    Example:
        >>> translated("dog", "zh"), translated("Rex", "zh"), translated("dog", "en")
        ('狗', 'Rex', 'dog')
    """
    return _names(language).get(name, name)


def in_english(name: str, language: str) -> str:
    """Return the English name of a public concept, other names as they are.

    Example:
        >>> in_english("Hund", "de"), in_english("Rex", "de")
        ('dog', 'Rex')
    """
    return _english(language).get(name.lower(), name)


def matching(pattern: str, language: str) -> list[str]:
    """Return the English names of the public concepts whose name matches, `*` being anything.

    Example:
        >>> matching("Tisch*", "de")
        ['table']
    """
    wanted = pattern.lower().replace("[", "[[]").replace("?", "[?]")
    return [
        name for name in CONCEPTS if fnmatch.fnmatchcase(translated(name, language).lower(), wanted)
    ]


@functools.cache
def _names(language: str) -> Mapping[str, str]:
    if language == ENGLISH:
        return {}
    return dict(zip(CONCEPTS, _IN_ORDER[language].split(","), strict=True))


@functools.cache
def _english(language: str) -> Mapping[str, str]:
    return {name.lower(): english for english, name in _names(language).items()}
