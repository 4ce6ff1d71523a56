//! The pictures of a product.

use leptos::prelude::*;

use crate::{Image, Variant, gallery};

use super::chosen::Chosen;

#[cfg_attr(feature = "islands", island)]
#[cfg_attr(not(feature = "islands"), component)]
pub fn ProductGallery(images: Vec<Image>, title: String, variants: Vec<Variant>) -> impl IntoView {
    let Chosen(chosen) = expect_context();
    let pictures = move || {
        let id = chosen.get();
        let variant = variants.iter().find(|variant| variant.id == id)?;
        let pictures = gallery(&images, &title, variant).into_iter().enumerate();
        let figures = pictures.map(|(at, picture)| {
            view! {
                <figure class="gallery-item">
                    <img
                        class="gallery-image"
                        src=picture.src
                        alt=picture.alt
                        width="800"
                        height="1000"
                        fetchpriority=(at == 0).then_some("high")
                        loading=(at > 0).then_some("lazy")
                    />
                </figure>
            }
        });
        Some(figures.collect_view())
    };
    view! {
        <div class="gallery">
            <div class="gallery-strip">{pictures}</div>
        </div>
    }
}
