"""What abbreviations and titles stand for, by language: words as `tokenise` writes them, in lower case and without dots or
accents.

Small on purpose: what a recogniser writes for a word that it recognised. `St. Louis`, `Saint Louis` and `Rodeo Dr` are read
from here; a name's own short form (JFK) is an alias, which the suite gives.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from harness.words.languages import primary

_ENGLISH = """
st=saint,street dr=doctor,drive mt=mount,mountain mts=mountains ft=fort,feet,foot pt=point vs=versus v=versus mr=mister
mrs=missus,missis,mistress messrs=messieurs jr=junior sr=senior no=number nos=numbers ave=avenue blvd=boulevard rd=road ln=lane
sq=square hwy=highway rte=route apt=apartment bldg=building prof=professor gen=general col=colonel lt=lieutenant
capt=captain cpt=captain sgt=sergeant cpl=corporal maj=major adm=admiral cmdr=commander gov=governor sen=senator
rep=representative pres=president rev=reverend fr=father hon=honorable,honourable esq=esquire co=company,county
corp=corporation inc=incorporated ltd=limited bros=brothers assn=association dept=department univ=university intl=international
natl=national govt=government est=established,estimated approx=approximately etc=et_cetera feat=featuring ch=chapter
vol=volume fig=figure ed=edition jan=january feb=february mar=march apr=april aug=august sep=september sept=september
oct=october nov=november dec=december mon=monday tue=tuesday tues=tuesday wed=wednesday thu=thursday thurs=thursday
fri=friday sat=saturday sun=sunday km=kilometers,kilometres,kilometer,kilometre cm=centimeters,centimetres
mm=millimeters,millimetres kg=kilograms,kilos,kilogram mg=milligrams lb=pounds,pound lbs=pounds oz=ounces,ounce mi=miles,mile
yd=yards,yard hr=hours,hour hrs=hours min=minutes,minute mins=minutes sec=seconds,second secs=seconds
mph=miles_per_hour kph=kilometers_per_hour,kilometres_per_hour hz=hertz khz=kilohertz mhz=megahertz
us=united_states u_s=united_states usa=united_states_of_america u_s_a=united_states_of_america uk=united_kingdom
u_k=united_kingdom eu=european_union e_u=european_union un=united_nations u_n=united_nations ok=okay
"""
_SPANISH = """
sr=senor sra=senora srta=senorita dr=doctor dra=doctora d=don da=dona sto=santo sta=santa s=san av=avenida avda=avenida
prof=profesor profa=profesora gral=general cnel=coronel cap=capitan lic=licenciado ing=ingeniero arq=arquitecto
num=numero no=numero nro=numero pag=pagina pags=paginas cia=compania tel=telefono depto=departamento
dpto=departamento etc=etcetera vs=versus km=kilometros,kilometro cm=centimetros kg=kilogramos,kilos m=metros
ee_uu=estados_unidos eeuu=estados_unidos e_e_u_u=estados_unidos eua=estados_unidos_de_america ue=union_europea
onu=naciones_unidas ud=usted uds=ustedes
"""


def _table(text: str) -> Mapping[tuple[str, ...], tuple[tuple[str, ...], ...]]:
    """Return the words of each abbreviation with those of everything it may stand for."""
    entries = (entry.split("=") for entry in text.split())
    return {
        tuple(short.split("_")): tuple(tuple(long.split("_")) for long in longs.split(",")) for short, longs in entries
    }


_TABLES: Final = {"en": _table(_ENGLISH), "es": _table(_SPANISH)}


def expansions(words: tuple[str, ...], language: str) -> tuple[tuple[str, ...], ...]:
    """Return what the words may stand for, themselves among it: ("st",) -> (("st",), ("saint",), ("street",))."""
    return (words, *_TABLES.get(primary(language), {}).get(words, ()))
