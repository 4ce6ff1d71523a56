//! The page of a product.

use std::sync::Arc;

use leptos::prelude::*;
use leptos_meta::{Link, Meta, Title};
use leptos_router::hooks::{use_params_map, use_query_map};

use crate::{Data, Variant};

use super::card::ProductCard;
use super::chosen::Choosing;
use super::chrome::{Footer, Header};
use super::form::ProductForm;
use super::gallery::ProductGallery;

/// What the page shows of the product with this handle.
#[server]
async fn product(handle: String) -> Result<Arc<Data>, ServerFnError> {
    let data: Arc<Data> = expect_context();
    match data.product.choice.handle == handle {
        true => Ok(data),
        false => Err(ServerFnError::new("there is no such product")),
    }
}

#[component]
pub fn ProductPage() -> impl IntoView {
    let params = use_params_map();
    let query = use_query_map();
    let answer = Resource::new_blocking(
        move || params.read().get("handle").unwrap_or_default(),
        product,
    );
    view! {
        <Suspense>
            {move || Suspend::new(async move {
                let data = answer.await.ok()?;
                let id = query.read_untracked().get("variant").and_then(|id| id.parse().ok());
                let variant = data.product.choice.variant(id)?.clone();
                Some(view! { <Loaded data variant/> })
            })}
        </Suspense>
    }
}

#[component]
fn Loaded(data: Arc<Data>, variant: Variant) -> impl IntoView {
    let product = &data.product;
    let crumb = product.collections.first().map(|entry| {
        view! {
            <li>
                <a href=format!("/collections/{}", entry.handle)>
                    <bdi>{entry.title.clone()}</bdi>
                </a>
            </li>
        }
    });
    let related = data.related.iter().map(|card| {
        view! {
            <li class="grid-item">
                <ProductCard
                    card=card.clone()
                    currency=data.currency.clone()
                    return_to=product.path()
                />
            </li>
        }
    });
    let article = data.clone();
    view! {
        <Title text=data.title()/>
        <Meta name="description" content=product.seo_description.clone()/>
        <Link rel="canonical" href=data.canonical()/>
        <a class="skip-link" href="#main">"Skip to content"</a>
        <Header shop=data.shop.clone() navigation=data.navigation.clone()/>
        <main id="main" class="main" tabindex="-1">
            <nav class="crumbs" aria-label="Breadcrumb">
                <ol class="crumbs-list">
                    <li>
                        <a href="/">"Home"</a>
                    </li>
                    {crumb}
                    <li>
                        <a href=product.path() aria-current="page">
                            <bdi>{product.title.clone()}</bdi>
                        </a>
                    </li>
                </ol>
            </nav>
            <Choosing variant=variant.id>
                <Article data=article/>
            </Choosing>
            <section class="section" aria-labelledby="related-title">
                <div class="section-head">
                    <h2 class="section-title" id="related-title">"Goes well with it"</h2>
                </div>
                <ul class="grid">{related.collect_view()}</ul>
            </section>
        </main>
        <Footer
            shop=data.shop.name.clone()
            currency=data.currency.code.clone()
            navigation=data.navigation.clone()
        />
        <noscript>
            <img src="/cart/key" alt="" width="1" height="1" hidden/>
        </noscript>
    }
}

#[component]
fn Article(data: Arc<Data>) -> impl IntoView {
    let product = &data.product;
    let vendor = (product.vendor != data.shop.name).then(|| {
        view! {
            <p class="product-vendor" translate="no" dir="auto">{product.vendor.clone()}</p>
        }
    });
    view! {
        <article class="product">
            <ProductGallery
                images=product.images.clone()
                title=product.title.clone()
                variants=product.choice.variants.clone()
            />
            <div class="product-info">
                <header class="product-head">
                    {vendor}
                    <h1 class="product-title" dir="auto">{product.title.clone()}</h1>
                </header>
                <ProductForm choice=product.choice.clone() currency=data.currency.clone()/>
                <div
                    class="prose product-body"
                    dir="auto"
                    inner_html=product.body_html.clone()
                ></div>
            </div>
        </article>
    }
}
