//! What the products of the catalogue are called and cost: `data/million.json`.

use protium::prelude::*;
use protium::serde::{Deserialize, Serialize};
use protium::serde_json;

/// The file.
#[derive(Deserialize)]
#[serde(crate = "protium::serde")]
pub struct Words {
    /// What the facets are called, in the order in which the columns have them.
    pub facets: [String; 5],
    pub brands: Vec<String>,
    pub types: Vec<Type>,
    pub tags: Vec<String>,
    pub colours: Vec<Colour>,
    pub sizes: Vec<String>,
    /// Words that names of products begin with.
    pub first: Vec<String>,
}

#[derive(Deserialize)]
#[serde(crate = "protium::serde")]
pub struct Type {
    pub name: String,
    /// A usual price, in minor units.
    pub price: u32,
}

#[derive(Deserialize, Serialize)]
#[serde(crate = "protium::serde")]
pub struct Colour {
    pub name: String,
    /// As style sheets write it.
    pub code: String,
}

/// A facet of the form: a check box for each value.
#[derive(Serialize)]
#[serde(crate = "protium::serde")]
pub struct Facet<'w> {
    name: &'w str,
    values: Vec<&'w str>,
}

/// What cards are called by.
#[derive(Serialize)]
#[serde(crate = "protium::serde")]
pub struct Names<'w> {
    brands: &'w [String],
    types: Vec<&'w str>,
    colours: &'w [Colour],
    first: &'w [String],
}

impl Words {
    pub fn read() -> Result<Words> {
        Ok(serde_json::from_str(include_str!(
            "../../data/million.json"
        ))?)
    }

    /// The facets with their values, in the order in which the columns have them.
    pub fn form(&self) -> Vec<Facet<'_>> {
        let colours = self.colours.iter().map(|colour| &*colour.name);
        let values = [
            all(&self.brands),
            self.types(),
            all(&self.tags),
            colours.collect(),
            all(&self.sizes),
        ];
        let facets = self.facets.iter().zip(values);
        facets
            .map(|(name, values)| Facet { name, values })
            .collect()
    }

    pub fn names(&self) -> Names<'_> {
        Names {
            brands: &self.brands,
            types: self.types(),
            colours: &self.colours,
            first: &self.first,
        }
    }

    fn types(&self) -> Vec<&str> {
        self.types.iter().map(|one| &*one.name).collect()
    }
}

fn all(texts: &[String]) -> Vec<&str> {
    texts.iter().map(String::as_str).collect()
}
