//! A product's page as data, and what is derived from it for each request.

use std::fmt::{self, Display, Write};

use serde::{Deserialize, Serialize};

/// Everything on the page.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub struct Data {
    pub shop: Shop,
    pub currency: Currency,
    pub navigation: Vec<Collection>,
    pub product: Product,
    pub related: Vec<Card>,
}

#[derive(Clone, Debug, Deserialize, Serialize)]
pub struct Shop {
    pub name: String,
    pub url: String,
    pub announcement: String,
    pub locale: String,
    pub direction: String,
    pub stylesheet: String,
    pub icon: String,
}

#[derive(Clone, Debug, Deserialize, Serialize)]
pub struct Collection {
    pub handle: String,
    pub title: String,
}

#[derive(Clone, Debug, Deserialize, Serialize)]
pub struct Product {
    pub title: String,
    pub vendor: String,
    pub seo_title: String,
    pub seo_description: String,
    pub body_html: String,
    pub collections: Vec<Collection>,
    pub images: Vec<Image>,
    #[serde(flatten)]
    pub choice: Choice,
}

/// What a visitor chooses from.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub struct Choice {
    pub handle: String,
    pub options: Vec<ProductOption>,
    pub variants: Vec<Variant>,
}

#[derive(Clone, Debug, Deserialize, Serialize)]
pub struct ProductOption {
    pub name: String,
    pub values: Vec<String>,
}

#[derive(Clone, Debug, Deserialize, Serialize)]
pub struct Variant {
    pub id: i64,
    pub options: Vec<String>,
    /// In minor units, as all prices.
    pub price: i64,
    pub compare_at: Option<i64>,
    pub available: bool,
    pub tracked: bool,
    pub quantity: i64,
    pub image: Option<String>,
}

#[derive(Clone, Debug, Deserialize, Serialize)]
pub struct Image {
    pub src: String,
    pub alt: String,
}

/// A product in a list.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub struct Card {
    pub handle: String,
    pub title: String,
    pub image: Option<Image>,
    pub price_min: i64,
    pub price_max: i64,
    pub compare_at: Option<i64>,
    pub available: bool,
    /// The only variant, which the card's form adds to the cart.
    pub variant: Option<i64>,
}

impl Data {
    /// The title of the page.
    pub fn title(&self) -> String {
        format!("{} · {}", self.product.seo_title, self.shop.name)
    }

    /// The page's own address.
    pub fn canonical(&self) -> String {
        format!("{}{}", self.shop.url, self.product.path())
    }
}

/// An option with its values.
#[derive(Clone, Debug)]
pub struct Group {
    pub name: String,
    pub value: String,
    pub values: Vec<Value>,
}

/// A value of an option, and where it leads.
#[derive(Clone, Debug)]
pub struct Value {
    pub text: String,
    pub variant: i64,
    pub href: String,
    pub chosen: bool,
    pub available: bool,
}

impl Product {
    pub fn path(&self) -> String {
        format!("/products/{}", self.choice.handle)
    }

    /// The pictures, that of the chosen variant first.
    pub fn gallery(&self, chosen: &Variant) -> Vec<Image> {
        gallery(&self.images, &self.title, chosen)
    }
}

/// The pictures of a product, that of the chosen variant first.
pub fn gallery(images: &[Image], title: &str, chosen: &Variant) -> Vec<Image> {
    let own = chosen.image.as_deref();
    let lead = images.iter().position(|image| Some(&*image.src) == own);
    let mut pictures = Vec::with_capacity(images.len() + 1);
    match (lead, own) {
        (None, Some(src)) => pictures.push(Image {
            src: src.to_owned(),
            alt: format!("{title}, {}", chosen.options.join(" / ")),
        }),
        (lead, _) => pictures.extend(images.get(lead.unwrap_or(0)).cloned()),
    }
    let led = pictures.first().map(|picture| picture.src.clone());
    let others = images
        .iter()
        .filter(|image| Some(&image.src) != led.as_ref());
    pictures.extend(others.cloned());
    pictures
}

impl Choice {
    /// The variant with this id, or else the first.
    pub fn variant(&self, id: Option<i64>) -> Option<&Variant> {
        let named = self.variants.iter().find(|variant| Some(variant.id) == id);
        named.or(self.variants.first())
    }

    /// The options with their values, as a visitor sees them who has chosen this variant.
    pub fn groups(&self, chosen: &Variant) -> Vec<Group> {
        let options = self.options.iter().enumerate();
        options
            .map(|(at, option)| {
                let value = chosen.options.get(at).cloned().unwrap_or_default();
                let values = option.values.iter().filter_map(|one| {
                    let variant = self.with(chosen, at, one)?;
                    Some(Value {
                        text: one.clone(),
                        variant: variant.id,
                        href: format!("/products/{}?variant={}", self.handle, variant.id),
                        chosen: *one == value,
                        available: variant.available,
                    })
                });
                Group {
                    name: option.name.clone(),
                    values: values.collect(),
                    value,
                }
            })
            .collect()
    }

    /// The variant with that value and otherwise the same options, or else the first with that
    /// value, one that is available before others.
    fn with(&self, chosen: &Variant, at: usize, value: &str) -> Option<&Variant> {
        let has = |variant: &&Variant| variant.options.get(at).is_some_and(|own| own == value);
        let same = |variant: &&Variant| {
            let mut pairs = variant.options.iter().zip(&chosen.options).enumerate();
            pairs.all(|(one, (a, b))| one == at || a == b)
        };
        let all = || self.variants.iter().filter(has);
        all()
            .find(same)
            .or_else(|| all().find(|variant| variant.available))
            .or_else(|| all().next())
    }
}

impl Variant {
    /// The former price, if it was higher.
    pub fn before(&self) -> Option<i64> {
        self.compare_at.filter(|before| *before > self.price)
    }

    /// How many can be added to the cart at once.
    pub fn most(&self) -> i64 {
        if self.tracked && self.quantity > 0 {
            self.quantity.min(999)
        } else {
            999
        }
    }

    pub fn few_are_left(&self) -> bool {
        self.available && self.tracked && (1..=5).contains(&self.quantity)
    }

    /// What the page says of the stock.
    pub fn stock(&self) -> String {
        match self {
            _ if !self.available => "Sold out for now".to_owned(),
            _ if self.few_are_left() => format!("Only {} left", self.quantity),
            _ => "In stock, ready to post".to_owned(),
        }
    }
}

impl Card {
    pub fn path(&self) -> String {
        format!("/products/{}", self.handle)
    }

    /// The former price, if it was higher.
    pub fn before(&self) -> Option<i64> {
        self.compare_at.filter(|before| *before > self.price_min)
    }

    pub fn has_a_range(&self) -> bool {
        self.price_min < self.price_max
    }

    /// The variant that the card's form adds to the cart.
    pub fn buys(&self) -> Option<i64> {
        self.variant.filter(|_| self.available)
    }
}

/// How amounts are written.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub struct Currency {
    pub code: String,
    pub symbol: String,
    pub digits: u32,
    pub decimal: String,
    pub group: String,
    /// `{s}` is the symbol, `{n}` the number.
    pub pattern: String,
}

impl Currency {
    /// An amount in minor units as a visitor reads it.
    pub fn amount(&self, minor: i64) -> Amount<'_> {
        Amount {
            currency: self,
            minor: minor.unsigned_abs(),
        }
    }
}

/// An amount that is written when it is displayed. No price is below zero.
pub struct Amount<'a> {
    currency: &'a Currency,
    minor: u64,
}

impl Display for Amount<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut rest = self.currency.pattern.as_str();
        while let Some(at) = rest.find('{') {
            let (before, from) = rest.split_at(at);
            f.write_str(before)?;
            rest = if let Some(rest) = from.strip_prefix("{s}") {
                f.write_str(&self.currency.symbol)?;
                rest
            } else if let Some(rest) = from.strip_prefix("{n}") {
                self.number(f)?;
                rest
            } else {
                f.write_char('{')?;
                &from[1..]
            };
        }
        f.write_str(rest)
    }
}

impl Amount<'_> {
    fn number(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Currency {
            digits,
            decimal,
            group,
            ..
        } = self.currency;
        let scale = 10_u64.pow(*digits);
        let whole = self.minor / scale;
        let mut unit = 1_u64;
        while whole / unit >= 1000 {
            unit *= 1000;
        }
        write!(f, "{}", whole / unit)?;
        while unit > 1 {
            unit /= 1000;
            write!(f, "{group}{:03}", whole / unit % 1000)?;
        }
        match digits {
            0 => Ok(()),
            _ => write!(
                f,
                "{decimal}{:0width$}",
                self.minor % scale,
                width = *digits as usize
            ),
        }
    }
}
