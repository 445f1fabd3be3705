"""Figures of the study that no file of the sources holds: sectors, input coefficients, the outside world.

Every figure here is recalled from a publication or assumed, and SOURCES.md of the study says which.
"""

from __future__ import annotations

# code: English, Chinese, group, census industries, theta, psi, border wedge, value-added share of output,
# labour and floor-space share of value added, national value added 2020 [100 million yuan] less housing rents,
# national employment 2020 [10,000 persons]
SECTORS = {
    "agriculture": ("Agriculture", "农林牧渔业", "primary", "agri", 4.0, 0.315, 1.05, 0.59, 0.85, 0.02, 77754, 17715),
    "mining_energy": (
        "Mining and energy", "采矿与能源供应", "secondary", "mining utilities",
        4.0, 0.315, 1.05, 0.38, 0.32, 0.03, 47100, 1200,
    ),
    "manufacturing": (
        "Manufacturing", "制造业", "secondary", "manuf",
        4.0, 0.315, 1.05, 0.23, 0.43, 0.05, 265971, 12800,
    ),
    "construction": (
        "Construction", "建筑业", "secondary", "construction",
        4.0, 0.60, 1.10, 0.26, 0.62, 0.03, 72996, 7500,
    ),
    "trade_transport": (
        "Trade, transport, hotels", "商贸、交通与住宿餐饮", "tertiary", "wholesale_retail transport_post hotel_food",
        4.0, 0.45, 1.10, 0.51, 0.45, 0.10, 153219, 17500,
    ),
    "business_services": (
        "Business services", "信息、金融与商务科技服务", "tertiary", "it finance leasing_business science_tech",
        4.0, 0.40, 1.10, 0.49, 0.45, 0.08, 177837, 4850,
    ),
    "consumer_services": (
        "Consumer services", "房地产、居民服务与文化", "tertiary", "real_estate resident_services culture",
        4.0, 0.70, 1.10, 0.68, 0.50, 0.12, 50500, 4900,
    ),
    "public_services": (
        "Public services", "教育、卫生与公共设施", "tertiary", "education health water_env",
        4.0, 0.80, 1.10, 0.55, 0.78, 0.07, 71800, 5600,
    ),
}  # fmt: skip
CARRIED_BY_TRAVELLERS = ("business_services",)  # people meet: the best path by road, rail or air counts
PUBLIC_INDUSTRIES = "public_admin intl_org"
PUBLIC_VALUE_ADDED, PUBLIC_EMPLOYMENT = 48800, 3000

# Column: purchases of the sectors, in the order of SECTORS, per yuan of output; with the value added they sum to 1.
INPUTS = {
    "agriculture": (0.130, 0.015, 0.185, 0.002, 0.045, 0.022, 0.006, 0.005),
    "mining_energy": (0.001, 0.315, 0.135, 0.003, 0.065, 0.085, 0.009, 0.007),
    "manufacturing": (0.065, 0.075, 0.495, 0.001, 0.075, 0.048, 0.006, 0.005),
    "construction": (0.008, 0.028, 0.480, 0.035, 0.083, 0.092, 0.009, 0.005),
    "trade_transport": (0.020, 0.017, 0.155, 0.003, 0.125, 0.125, 0.038, 0.007),
    "business_services": (0.002, 0.009, 0.150, 0.004, 0.080, 0.215, 0.042, 0.008),
    "consumer_services": (0.005, 0.010, 0.075, 0.025, 0.030, 0.135, 0.035, 0.005),
    "public_services": (0.006, 0.018, 0.240, 0.008, 0.055, 0.075, 0.020, 0.028),
}

# name in the source: code, English, Chinese, capital, its longitude and latitude, primary and secondary share [%]
PROVINCES = {
    "Shanxi": ("14", "Shanxi", "山西省", "Taiyuan", 112.55, 37.87, 5.4, 43.4),
    "InnerMongolia": ("15", "Inner Mongolia", "内蒙古自治区", "Hohhot", 111.75, 40.84, 11.7, 39.6),
    "Liaoning": ("21", "Liaoning", "辽宁省", "Shenyang", 123.43, 41.80, 9.1, 37.4),
    "Jilin": ("22", "Jilin", "吉林省", "Changchun", 125.32, 43.82, 12.6, 35.1),
    "Heilongjiang": ("23", "Heilongjiang", "黑龙江省", "Harbin", 126.53, 45.80, 25.1, 25.4),
    "Shanghai": ("31", "Shanghai", "上海市", "Shanghai", 121.47, 31.23, 0.3, 26.6),
    "Jiangsu": ("32", "Jiangsu", "江苏省", "Nanjing", 118.80, 32.06, 4.4, 43.1),
    "Zhejiang": ("33", "Zhejiang", "浙江省", "Hangzhou", 120.15, 30.27, 3.4, 40.9),
    "Anhui": ("34", "Anhui", "安徽省", "Hefei", 117.23, 31.82, 8.2, 40.5),
    "Fujian": ("35", "Fujian", "福建省", "Fuzhou", 119.30, 26.07, 6.2, 46.3),
    "Jiangxi": ("36", "Jiangxi", "江西省", "Nanchang", 115.86, 28.68, 8.7, 43.2),
    "Shandong": ("37", "Shandong", "山东省", "Jinan", 117.00, 36.65, 7.3, 39.1),
    "Henan": ("41", "Henan", "河南省", "Zhengzhou", 113.63, 34.75, 9.7, 41.6),
    "Hubei": ("42", "Hubei", "湖北省", "Wuhan", 114.30, 30.59, 9.5, 39.2),
    "Hunan": ("43", "Hunan", "湖南省", "Changsha", 112.94, 28.23, 10.2, 38.1),
    "Guangdong": ("44", "Guangdong", "广东省", "Guangzhou", 113.26, 23.13, 4.3, 39.2),
    "Guangxi": ("45", "Guangxi", "广西壮族自治区", "Nanning", 108.37, 22.82, 16.0, 32.1),
    "Hainan": ("46", "Hainan", "海南省", "Haikou", 110.33, 20.03, 20.5, 19.1),
    "Chongqing": ("50", "Chongqing", "重庆市", "Chongqing", 106.55, 29.56, 7.2, 40.0),
    "Sichuan": ("51", "Sichuan", "四川省", "Chengdu", 104.07, 30.67, 11.4, 36.2),
    "Guizhou": ("52", "Guizhou", "贵州省", "Guiyang", 106.71, 26.60, 14.3, 34.8),
    "Yunnan": ("53", "Yunnan", "云南省", "Kunming", 102.71, 25.04, 14.7, 33.8),
    "Tibet": ("54", "Tibet", "西藏自治区", "Lhasa", 91.11, 29.65, 7.9, 42.0),
    "Shaanxi": ("61", "Shaanxi", "陕西省", "Xi'an", 108.94, 34.34, 8.7, 43.4),
    "Gansu": ("62", "Gansu", "甘肃省", "Lanzhou", 103.83, 36.06, 13.3, 31.6),
    "Qinghai": ("63", "Qinghai", "青海省", "Xining", 101.78, 36.62, 11.1, 38.1),
    "Ningxia": ("64", "Ningxia", "宁夏回族自治区", "Yinchuan", 106.23, 38.49, 8.6, 41.0),
    "Xinjiang": ("65", "Xinjiang", "新疆维吾尔自治区", "Urumqi", 87.62, 43.83, 14.4, 34.4),
}  # fmt: skip
NATIONAL_EMPLOYMENT_RATE = 75064 / 141178  # employed persons over residents, end of 2020
NATIONAL_SHARE_60 = 264.02 / 1411.78

# World less mainland China, 2020: trillion dollars, yuan per dollar, persons; shares [%]; parts of the secondary group.
WORLD_GDP, CHINA_GDP, YUAN_PER_DOLLAR = 84.96, 14.69, 6.8976
WORLD_POPULATION, CHINA_POPULATION = 7_821_000_000, 1_411_780_000
REST_PRIMARY, REST_SECONDARY = 4.2, 25.0
REST_SECONDARY_PARTS = {"mining_energy": 0.21, "manufacturing": 0.57, "construction": 0.22}
REST_EMPLOYMENT_RATE, REST_SHARE_60 = 0.38, 0.125
REST_GATEWAY = ("Port of Tianjin", 117.79, 38.98)
