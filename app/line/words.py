"""Texts that a shop copies: what its privacy policy says of LINE notification messages.

They are kept whole in both languages, because a policy is not a page of ours.
"""

from __future__ import annotations

#: Which version a merchant confirmed; a new one for every change of sense.
NOTICE_POLICY_VERSION = "2026-11"
NOTICE_POLICY = {
    "ja": (
        "{shop}は、ご注文の確認、発送、お届けに関するお知らせを、LINEヤフー株式会社の"
        "「LINE通知メッセージ」でお送りすることがあります。お送りするために、ご注文の際に"
        "お知らせいただいた電話番号をハッシュ化したうえで、LINEヤフー株式会社に提供します。"
        "同社は提供された情報を宛先の照合にのみ利用し、照合後は速やかに破棄します。"
        "広告を目的とする内容はお送りしません。"
        "受け取りを希望されない場合は、LINEアプリの［設定］→［プライバシー管理］→"
        "［情報の提供］→［LINE通知メッセージ］をオフにしてください。"
        "その場合のお知らせは、メールでお送りします。"
    ),
    "en": (
        "{shop} may send news of your orders (confirmation, shipping, delivery) as LINE "
        "notification messages, a service of LY Corporation. To do so we hand LY Corporation the "
        "telephone number of your order in hashed form. It uses what it receives only to find the "
        "recipient and destroys it at once afterwards. Nothing we send in this way is "
        "advertising. If you do not want these messages, switch them off in the LINE app under "
        "Settings, Privacy, Provide usage data, LINE notification messages. You then receive our "
        "news by e-mail."
    ),
}


def notice_policy(shop: str) -> dict[str, str]:
    """The paragraph in both languages, with the shop's name."""
    return {language: text.format(shop=shop) for language, text in NOTICE_POLICY.items()}
