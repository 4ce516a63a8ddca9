"""What the Octopus Cards stand-in knows of the world and sells, in compact tables."""

# code | id | name | smallest digits | worth in USD
CURRENCIES = """
USD|1|US Dollar|2|1
EUR|2|Euro|2|1.09
GBP|3|Pound Sterling|2|1.27
INR|4|Indian Rupee|2|0.0119
AED|5|UAE Dirham|2|0.2723
SAR|6|Saudi Riyal|2|0.2666
TRY|7|Turkish Lira|2|0.029
BRL|8|Brazilian Real|2|0.18
MXN|9|Mexican Peso|2|0.054
IDR|10|Rupiah|2|0.000062
PHP|11|Philippine Peso|2|0.0172
JPY|12|Yen|0|0.0066
KZT|13|Tenge|2|0.0019
NGN|14|Naira|2|0.00065
KWD|15|Kuwaiti Dinar|3|3.25
"""

# alpha-3 | alpha-2 | number | dialing prefix | name | official name
COUNTRIES = """
USA|US|840|1|United States|United States of America
GBR|GB|826|44|United Kingdom|United Kingdom of Great Britain and Northern Ireland
DEU|DE|276|49|Germany|Federal Republic of Germany
FRA|FR|250|33|France|French Republic
ESP|ES|724|34|Spain|Kingdom of Spain
ITA|IT|380|39|Italy|Italian Republic
POL|PL|616|48|Poland|Republic of Poland
IND|IN|356|91|India|Republic of India
ARE|AE|784|971|United Arab Emirates|United Arab Emirates
SAU|SA|682|966|Saudi Arabia|Kingdom of Saudi Arabia
TUR|TR|792|90|Türkiye|Republic of Türkiye
BRA|BR|076|55|Brazil|Federative Republic of Brazil
MEX|MX|484|52|Mexico|United Mexican States
IDN|ID|360|62|Indonesia|Republic of Indonesia
PHL|PH|608|63|Philippines|Republic of the Philippines
JPN|JP|392|81|Japan|Japan
THA|TH|764|66|Thailand|Kingdom of Thailand
NGA|NG|566|234|Nigeria|Federal Republic of Nigeria
KWT|KW|414|965|Kuwait|State of Kuwait
KAZ|KZ|398|7|Kazakhstan|Republic of Kazakhstan
"""

# id | game | country | currency | discount % | input fields | face value=amount, ...
GAMES = """
4218|PUBG Mobile UC|GLO|USD|5|player_id server:asia,europe,na,sa,krjp|60 UC=0.99 325 UC=4.99 660 UC=9.99 3850 UC=49.99
4219|Mobile Legends Diamonds|GLO|USD|6|player_id server|86 Diamonds=1.49 172 Diamonds=2.99 257 Diamonds=4.49 Weekly Pass=1.99
4220|Mobile Legends Diamonds|IDN|IDR|7|player_id server|86 Diamonds=21500 172 Diamonds=43000 257 Diamonds=64500
4221|Free Fire Diamonds|BRA|BRL|5|player_id|100 Diamonds=4.99 310 Diamonds=14.99 520 Diamonds=24.99
4222|Free Fire Diamonds|GLO|USD|5|player_id|100 Diamonds=1 310 Diamonds=3 520 Diamonds=5 1060 Diamonds=10 2180 Diamonds=20
4223|Genshin Impact Genesis Crystals|GLO|USD|4|player_id server:america,europe,asia,cht|60 Crystals=0.99 300 Crystals=4.99
4224|Honkai: Star Rail Oneiric Shards|GLO|USD|4|player_id server:america,europe,asia,cht|60 Shards=0.99 300 Shards=4.99
4225|Zenless Zone Zero Monochrome|GLO|USD|4|player_id server:america,europe,asia,cht|60 Monochrome=0.99 300 Monochrome=4.99
4226|Roblox Robux|GLO|USD|3|account_id|400 Robux=4.99 800 Robux=9.99 1700 Robux=19.99 4500 Robux=49.99
4227|Valorant Points|TUR|TRY|3|account_id|475 VP=95 1000 VP=190 2050 VP=380
4228|Valorant Points|GLO|EUR|3|account_id|475 VP=5 1000 VP=10 2050 VP=20
4229|Call of Duty: Mobile CP|GLO|USD|5|player_id|80 CP=0.99 420 CP=4.99 880 CP=9.99 2400 CP=24.99
4230|Clash of Clans Gems|GLO|USD|2|player_id|80 Gems=0.99 500 Gems=4.99 1200 Gems=9.99
4231|Clash Royale Gems|GLO|USD|2|player_id|80 Gems=0.99 500 Gems=4.99
4232|Brawl Stars Gems|GLO|EUR|2|player_id|30 Gems=2.29 80 Gems=5.99 170 Gems=11.99
4233|Arena of Valor Vouchers|THA|USD|5|player_id|40 Vouchers=0.79 90 Vouchers=1.59
4234|Steam Wallet Top-up|KAZ|KZT|1|account_id|500..100000
4235|EA SPORTS FC Mobile Points|GLO|USD|4|player_id|100 Points=0.99 500 Points=4.99 1050 Points=9.99
4236|Identity V Echoes|GLO|USD|5|player_id server:asia,na-eu|60 Echoes=0.99 305 Echoes=4.99
4237|Razer Gold PIN-less|PHL|PHP|2|account_id|100 PHP=100 500 PHP=500
4238|ライフアフター クレジット|JPN|JPY|3|player_id server|60 クレジット=160 330 クレジット=800
4239|Honor of Kings Tokens|GLO|USD|5|player_id|80 Tokens=0.99 400 Tokens=4.99 830 Tokens=9.99
4240|Yalla Ludo Diamonds|SAU|SAR|6|player_id|830 Diamonds=7.49 2320 Diamonds=18.99
4241|Bigo Live Diamonds|GLO|USD|4|account_id|42 Diamonds=1 210 Diamonds=5
"""

# id | operator | country | currency | discount % | airtime lowest..highest | data and bundle plans: name=amount, ...
OPERATORS = """
5101|Airtel|IND|INR|3|10..5000|Data 2 GB a day, 28 days=299 Data 2 GB a day, 84 days=859 Bundle Calls and 24 GB=299
5102|Jio|IND|INR|3|10..5000|Data 2 GB a day, 28 days=349 Bundle Unlimited calls and 6 GB=189
5103|Vi|IND|INR|4|10..3000|Data 1 GB a day, 24 days=249
5104|BSNL|IND|INR|4|10..2000|
5105|Etisalat by e&|ARE|AED|4|5..500|Data 5 GB, 28 days=105 Bundle Visitor line, 10 days=49
5106|du|ARE|AED|4|5..500|Data 2 GB, 7 days=55
5107|STC|SAU|SAR|3|10..500|Data 10 GB, 30 days=75
5108|Mobily|SAU|SAR|3|10..500|
5109|Turkcell|TUR|TRY|4|50..1000|Bundle 12 GB and 750 minutes=330
5110|Vodafone Türkiye|TUR|TRY|4|50..1000|
5111|Türk Telekom|TUR|TRY|4|50..1000|
5112|Claro|BRA|BRL|5|15..100|Data 4 GB, 15 days=20
5113|Vivo|BRA|BRL|5|15..100|
5114|TIM Brasil|BRA|BRL|5|15..100|
5115|Telcel|MEX|MXN|5|20..500|Bundle Amigo Sin Límite 200=200
5116|AT&T México|MEX|MXN|5|20..500|
5117|Telkomsel|IDN|IDR|4|10000..1000000|Data 12 GB, 30 days=100000
5118|XL Axiata|IDN|IDR|4|10000..1000000|
5119|Globe|PHL|PHP|5|10..1000|Data GoSURF 299, 30 days=299
5120|Smart|PHL|PHP|5|10..1000|
5121|MTN Nigeria|NGA|NGN|4|100..50000|Data 3.2 GB, 30 days=1500
5122|Glo|NGA|NGN|4|100..50000|
5123|T-Mobile|USA|USD|2|10..100|Bundle Connect, 30 days=15
5124|AT&T|USA|USD|2|10..100|
5125|Vodafone|DEU|EUR|3|15..50|Data CallYa S, 4 weeks=9.99
5126|O2|DEU|EUR|3|15..30|
5127|Lycamobile|GBR|GBP|3|5..30|
5128|giffgaff|GBR|GBP|3|10..35|
5129|Zain|KWT|KWD|3|2..30|
5130|Beeline Қазақстан|KAZ|KZT|4|200..20000|
"""

# id | company | country | currency | discount % | lowest..highest
UTILITIES = """
5901|Tata Power, electricity|IND|INR|1|100..20000
5902|DEWA, water and electricity|ARE|AED|0.5|50..5000
5903|Meralco, electricity|PHL|PHP|1|100..20000
5904|Ikeja Electric, prepaid meter|NGA|NGN|1|1000..100000
"""

# id | brand | category / subcategory | country | currency | discount % | denominations: a..b, or a*stock | delivery
VOUCHERS = """
311|Amazon|Shopping/Marketplaces|USA|USD|3|5 10 25 50 100 250|code
312|Amazon|Shopping/Marketplaces|GBR|GBP|3|10 25 50 100|code
313|Amazon|Shopping/Marketplaces|DEU|EUR|2.5|10 25 50 100|code
314|Amazon|Shopping/Marketplaces|ARE|AED|3|50 100 250 500|code
315|Amazon Pay|Shopping/Marketplaces|IND|INR|2|100..10000|code
316|Apple Gift Card|Apps/App stores|USA|USD|4|10 25 50 100|code
317|Apple Gift Card|Apps/App stores|TUR|TRY|4|50 100 250 500|code
318|Google Play|Apps/App stores|USA|USD|4|10 25 50 100|code
319|Google Play|Apps/App stores|IND|INR|3|100..5000|code
320|Steam|Games/PC|USA|USD|5|5 10 20 50 100|code
321|Steam|Games/PC|DEU|EUR|5|5 10 20 50 100|code
322|PlayStation Store|Games/Console|USA|USD|5|10 25 50 100|code
323|PlayStation Store|Games/Console|GBR|GBP|5|10 20 50|code
324|Xbox|Games/Console|USA|USD|5|10 25 50|code
325|Nintendo eShop|Games/Console|DEU|EUR|4|15 25 50|code
4218|Roblox Gift Card|Games/Mobile|USA|USD|5|10 25 50|code
327|Netflix|Entertainment/Streaming|USA|USD|3|25 50 100|code
328|Netflix|Entertainment/Streaming|DEU|EUR|3|15 25 50|code
329|Spotify|Entertainment/Streaming|USA|USD|4|10 30 60|code
330|Twitch|Entertainment/Streaming|USA|USD|3|15 25 50*12|code
331|Visa Virtual Prepaid|Payments/Prepaid cards|USA|USD|-2|10..500|link
332|Mastercard Virtual Prepaid|Payments/Prepaid cards|DEU|EUR|-2|10..300|link
333|Uber|Travel/Rides|USA|USD|3|15 25 50 100|link
334|Airbnb|Travel/Stays|USA|USD|4|50 100 250|link
335|Flipkart|Shopping/Marketplaces|IND|INR|2|100..10000|code
336|noon|Shopping/Marketplaces|ARE|AED|4|50 100 250|code
337|Starbucks|Food/Coffee|GBR|GBP|6|5..50|link
338|IKEA|Shopping/Home|DEU|EUR|3|25 50 100*0|code
339|Carrefour|Shopping/Groceries|ARE|AED|3|100 250 500|code
340|Decathlon «Sélection»|Shopping/Sports|FRA|EUR|5|10..250|link
"""

# id | place | country | discount % | GB/days/amount in USD, ... ; 0 GB is unlimited
ESIMS = """
880|Türkiye|TUR|5|1/7/3.20 3/30/7.50 5/30/10.90 10/30/18.00
881|United States|USA|5|1/7/4.50 3/30/9.50 5/30/14.00 0/7/19.00
882|United Kingdom|GBR|5|1/7/3.60 3/30/7.90 10/30/19.50
883|Germany|DEU|5|1/7/3.60 3/30/7.90 10/30/19.50
884|France|FRA|5|1/7/3.60 3/30/7.90 10/30/19.50
885|Spain|ESP|5|1/7/3.40 3/30/7.40 10/30/18.50
886|Italy|ITA|5|1/7/3.40 3/30/7.40 10/30/18.50
887|United Arab Emirates|ARE|4|1/7/5.20 3/30/12.90 5/30/19.00
888|Saudi Arabia|SAU|4|1/7/5.20 3/30/11.90
889|Japan|JPN|5|1/7/3.90 3/30/8.20 10/30/20.00 0/10/29.00
890|Thailand|THA|6|1/7/2.90 5/15/7.90 0/10/14.00
891|India|IND|4|1/7/3.30 3/30/7.20
892|Global, 120 countries|GLO|5|1/7/9.50 3/30/24.00 10/180/62.00
"""
