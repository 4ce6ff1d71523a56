//! Pictures among the shop's own files: the catalogue names them by their plain address, pages and
//! responses by the one with the hash of the content, which browsers cache for good.

use crate::http::assets::Assets;
use protium_commerce::{Card, Cart, Product, Suggestions};

/// What names pictures.
pub trait Pictures {
    /// Lets it name each of the shop's own pictures by the address with its hash.
    fn hash_pictures(&mut self, assets: &Assets);

    /// The same, by value.
    fn with_hashed_pictures(mut self, assets: &Assets) -> Self
    where
        Self: Sized,
    {
        self.hash_pictures(assets);
        self
    }
}

fn hash(src: &mut String, assets: &Assets) {
    if let Some(hashed) = assets.picture(src) {
        *src = hashed;
    }
}

impl Pictures for [Card] {
    fn hash_pictures(&mut self, assets: &Assets) {
        for image in self.iter_mut().filter_map(|card| card.image.as_mut()) {
            hash(&mut image.src, assets);
        }
    }
}

impl Pictures for Product {
    fn hash_pictures(&mut self, assets: &Assets) {
        for image in &mut self.images {
            hash(&mut image.src, assets);
        }
        for image in self
            .variants
            .iter_mut()
            .filter_map(|one| one.image.as_mut())
        {
            hash(image, assets);
        }
    }
}

impl Pictures for Cart {
    fn hash_pictures(&mut self, assets: &Assets) {
        for src in self
            .lines
            .iter_mut()
            .filter_map(|line| line.image_src.as_mut())
        {
            hash(src, assets);
        }
    }
}

impl Pictures for Suggestions {
    fn hash_pictures(&mut self, assets: &Assets) {
        for src in self
            .products
            .iter_mut()
            .filter_map(|one| one.image_src.as_mut())
        {
            hash(src, assets);
        }
    }
}

impl Pictures for Vec<protium_commerce::Collection> {
    fn hash_pictures(&mut self, assets: &Assets) {
        for image in self.iter_mut().filter_map(|one| one.image.as_mut()) {
            hash(&mut image.src, assets);
        }
    }
}
