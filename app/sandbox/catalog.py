"""What the two shops are and sell. Prices are minor units, `cost` (what one costs the
shop) too. `plans` are the selling plans of a product: it comes by itself every `days`."""

from __future__ import annotations

from typing import Any

WEIGHT, SIZE_ = "内容量", "Size"

HINATA: dict[str, Any] = {
    "domain": "hinata-coffee.myshopify.com",
    "name": "ひなたコーヒー",
    "locale": "ja",
    "currency": "JPY",
    "zone": "Asia/Tokyo",
    "email": "hello@hinata-coffee.example",
    "phone": "03-5555-0142",
    "plan": "basic",
    "country": "JP",
    "address": {
        "address1": "上原1-17-4", "address2": "ひなたビル1F", "city": "渋谷区",
        "province": "東京都", "province_code": "JP-13", "zip": "151-0064", "country_code": "JP",
    },
    "tax_included": True,
    "tax_title": "消費税",
    "shipping": {"title": "宅急便", "price": 550, "free_from": 5000, "tax_rate": "0.1"},
    "companies": ["Yamato (JA)", "Sagawa (JA)", "Japan Post (JA)"],
    "staff": [
        {"name": "日向 美咲", "email": "misaki@hinata-coffee.example", "owner": True},
        {"name": "森 健太", "email": "kenta@hinata-coffee.example", "owner": False},
    ],
    "products": [
        {
            "handle": "hinata-blend", "collections": ["beans"],
            "title": "ひなたブレンド", "type": "Coffee",
            "tags": ["coffee", "consumable"], "image": "hinata-blend", "tax_rate": "0.08",
            "description": "やわらかな甘みと、やさしい余韻。毎日の一杯のための中煎りブレンドです。"
            "ご注文をいただいてから焙煎します。",
            "plans": [
                {"name": "毎月お届け", "percent": 10, "days": 30, "interval": "MONTH", "count": 1},
            ],
            "variants": [
                {"option": (WEIGHT, "200g"), "sku": "HB-200", "price": 1980, "inventory": 240,
                 "cost": 690, "grams": 220},
                {"option": (WEIGHT, "500g"), "sku": "HB-500", "price": 4480, "inventory": 120,
                 "cost": 1610, "grams": 530},
            ],
        },
        {
            "handle": "yoiyami-dark", "collections": ["beans"],
            "title": "よいやみ 深煎り", "type": "Coffee",
            "tags": ["coffee", "consumable"], "image": "yoiyami-dark", "tax_rate": "0.08",
            "description": "ビターチョコレートのような苦みと、黒糖の甘み。ミルクにもよく合います。",
            "variants": [
                {"option": (WEIGHT, "200g"), "sku": "YD-200", "price": 2180, "inventory": 180,
                 "cost": 760, "grams": 220},
            ],
        },
        {
            "handle": "drip-bags", "collections": ["beans", "easy"],
            "title": "ドリップバッグ 10袋", "type": "Coffee",
            "tags": ["coffee", "consumable"], "image": "drip-bags", "tax_rate": "0.08",
            "description": "お湯を注ぐだけで、いつもの一杯。旅先にも、オフィスの引き出しにも。",
            "variants": [
                {"sku": "DB-10", "price": 1650, "cost": 580, "inventory": 300, "grams": 160},
            ],
        },
        {
            "handle": "yamanami-dripper", "collections": ["tools"],
            "title": "やまなみドリッパー", "type": "Brewer",
            "tags": ["equipment", "complex"], "image": "yamanami-dripper", "tax_rate": "0.1",
            "description": "山の稜線のようなリブが、お湯の速さを整えます。有田焼、1〜2杯用。",
            "variants": [
                {"sku": "YM-D1", "price": 3300, "cost": 1490, "inventory": 60, "grams": 480},
            ],
        },
        {
            "handle": "komorebi-mug", "collections": ["tableware"],
            "title": "こもれびマグ", "type": "Mug",
            "tags": ["tableware"], "image": "komorebi-mug", "tax_rate": "0.1",
            "description": "手のひらになじむ丸み。ひとつずつ釉薬の表情がちがいます。280ml。",
            "variants": [
                {"option": ("色", "しろ"), "sku": "KM-W", "price": 2640, "inventory": 80,
                 "cost": 1180, "grams": 360},
                {"option": ("色", "あい"), "sku": "KM-B", "price": 2640, "inventory": 45,
                 "cost": 1180, "grams": 360},
            ],
        },
        {
            "handle": "recipe-book", "title": "おうちコーヒーのレシピ帖(電子書籍)",
            "type": "E-book", "tags": ["digital"], "image": "recipe-book", "tax_rate": "0.1",
            "requires_shipping": False,
            "description": "いれ方の基本から、夏のアイス、冬のスパイスまで30のレシピ。"
            "PDF 64ページ。",
            "variants": [{"sku": "RB-PDF", "price": 880, "cost": 0}],
        },
        {
            "handle": "hajimete-set", "collections": ["gifts"],
            "title": "はじめてのドリップセット", "type": "Gift set",
            "tags": ["gift", "coffee", "complex"], "image": "hajimete-set", "tax_rate": "0.1",
            "description": "ドリッパー、マグ、ひなたブレンド200gをひとつの箱に。贈りものにも。",
            "variants": [
                {"sku": "HS-1", "price": 7480, "compare_at": 7920, "inventory": 30,
                 "cost": 3420, "grams": 1150},
            ],
        },
    ],
}  # fmt: skip

MAPLE: dict[str, Any] = {
    "domain": "maple-goods.myshopify.com",
    "name": "Maple Goods",
    "locale": "en",
    "currency": "USD",
    "zone": "America/New_York",
    "email": "hello@maple-goods.example",
    "phone": "+1 518-555-0117",
    "plan": "basic",
    "country": "US",
    "address": {
        "address1": "42 Warren Street", "address2": None, "city": "Hudson",
        "province": "New York", "province_code": "NY", "zip": "12534", "country_code": "US",
    },
    "tax_included": False,
    "tax_title": "Sales tax",
    "shipping": {"title": "Standard", "price": 595, "free_from": 5000, "tax_rate": "0"},
    "companies": ["USPS", "UPS"],
    "staff": [{"name": "Nora Whitfield", "email": "nora@maple-goods.example", "owner": True}],
    "products": [
        {
            "handle": "daily-protein", "collections": ["pantry"],
            "title": "Daily Protein, Oat & Maple", "type": "Protein",
            "tags": ["consumable"], "image": "daily-protein", "tax_rate": "0",
            "description": "Oat and pea protein, a little maple sugar, nothing else.",
            "plans": [
                {"name": "Every 4 weeks", "percent": 10, "days": 28, "interval": "WEEK",
                 "count": 4},
            ],
            "variants": [
                {"option": (SIZE_, "1 lb"), "sku": "DP-1", "price": 2400, "inventory": 140,
                 "cost": 980, "grams": 520},
                {"option": (SIZE_, "5 lb"), "sku": "DP-5", "price": 8900, "inventory": 40,
                 "cost": 3900, "grams": 2400},
            ],
        },
        {
            "handle": "maple-syrup", "collections": ["pantry"],
            "title": "Dark Maple Syrup", "type": "Pantry",
            "tags": ["consumable"], "image": "maple-syrup", "tax_rate": "0",
            "description": "Late-season syrup from the Catskills, 12 oz.",
            "variants": [
                {"sku": "MS-12", "price": 1600, "cost": 640, "inventory": 200, "grams": 720},
            ],
        },
        {
            "handle": "balsam-candle", "collections": ["home"],
            "title": "Balsam Candle", "type": "Candle",
            "tags": ["home"], "image": "balsam-candle", "tax_rate": "0.08",
            "description": "Soy wax, cotton wick, forty hours of forest.",
            "variants": [
                {"sku": "BC-1", "price": 2800, "cost": 900, "inventory": 90, "grams": 430},
            ],
        },
        {
            "handle": "wool-throw", "collections": ["home"],
            "title": "Hudson Wool Throw", "type": "Blanket",
            "tags": ["home"], "image": "wool-throw", "tax_rate": "0.08",
            "description": "Woven upstate from undyed wool. 50 by 70 inches.",
            "variants": [
                {"option": ("Color", "Oat"), "sku": "WT-O", "price": 12800, "inventory": 25,
                 "cost": 5600, "grams": 1100},
                {"option": ("Color", "Slate"), "sku": "WT-S", "price": 12800, "inventory": 18,
                 "cost": 5600, "grams": 1100},
            ],
        },
        {
            "handle": "pour-over-kit", "collections": ["kitchen"],
            "title": "Pour-over Kit", "type": "Brewer",
            "tags": ["equipment", "complex"], "image": "pour-over-kit", "tax_rate": "0.08",
            "description": "Glass carafe, maple collar, forty filters and a good guide.",
            "variants": [
                {"sku": "PK-1", "price": 4600, "cost": 1850, "inventory": 35, "grams": 900},
            ],
        },
        {
            "handle": "kitchen-notes", "title": "Kitchen Notes (digital)", "type": "E-book",
            "tags": ["digital"], "image": "kitchen-notes", "tax_rate": "0",
            "requires_shipping": False,
            "description": "Fifty small recipes with maple. PDF.",
            "variants": [{"sku": "KN-PDF", "price": 900, "cost": 0}],
        },
    ],
}  # fmt: skip

SHOPS = (HINATA, MAPLE)
