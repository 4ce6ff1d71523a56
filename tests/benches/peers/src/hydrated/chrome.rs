//! What every page has above and below.

use leptos::prelude::*;

use crate::{Collection, Shop};

use super::search::SearchBox;

#[component]
pub fn Header(shop: Shop, navigation: Vec<Collection>) -> impl IntoView {
    let entries = navigation.into_iter().map(|entry| {
        view! {
            <li>
                <a class="site-nav-link" href=format!("/collections/{}", entry.handle)>
                    <bdi>{entry.title}</bdi>
                </a>
            </li>
        }
    });
    let home = format!("{}, home", shop.name);
    view! {
        <header class="site-header">
            <p class="announcement" dir="auto">{shop.announcement}</p>
            <div class="site-header-bar">
                <a class="logo" href="/" aria-label=home>
                    <Mark/>
                    <span class="logo-name" translate="no">{shop.name}</span>
                </a>
                <div class="site-search">
                    <SearchBox/>
                </div>
                <div class="site-cart">
                    <CartBadge count=0/>
                </div>
            </div>
            <nav class="site-nav" aria-label="Collections">
                <ul class="site-nav-list">
                    {entries.collect_view()}
                    <li>
                        <a class="site-nav-link" href="/collections/all">"Everything"</a>
                    </li>
                </ul>
            </nav>
        </header>
    }
}

#[component]
fn Mark() -> impl IntoView {
    view! {
        <svg class="logo-mark" viewBox="0 0 40 40" aria-hidden="true" focusable="false">
            <path
                d="M20 37V19"
                fill="none"
                stroke="currentColor"
                stroke-width="2.6"
                stroke-linecap="round"
            />
            <path d="M20 23C9 23 4.5 16.5 4.5 7.5 14 7.5 20 12.5 20 23Z" fill="currentColor"/>
            <path d="M20 27c0-8.5 5-13 15.5-13 0 8.5-5 13-15.5 13Z" fill="currentColor"/>
        </svg>
    }
}

/// The link to the cart with the number of its items.
#[cfg_attr(feature = "islands", island)]
#[cfg_attr(not(feature = "islands"), component)]
fn CartBadge(count: u32) -> impl IntoView {
    let count = RwSignal::new(count);
    let name = move || match count.get() {
        0 => "Cart, empty".to_owned(),
        1 => "Cart, 1 item".to_owned(),
        count => format!("Cart, {count} items"),
    };
    let shown = move || match count.get() {
        count if count > 99 => "99+".to_owned(),
        count => count.to_string(),
    };
    view! {
        <a class="cart-badge" class:is-many=move || { count.get() > 99 } href="/cart">
            <span class="icon icon-cart" aria-hidden="true"></span>
            <span class="visually-hidden">{name}</span>
            <span class="cart-badge-label" aria-hidden="true">"Cart"</span>
            <span
                class="cart-badge-count"
                aria-hidden="true"
                hidden=move || count.get() == 0
            >
                {shown}
            </span>
        </a>
    }
}

#[component]
pub fn Footer(shop: String, currency: String, navigation: Vec<Collection>) -> impl IntoView {
    let entries = navigation.into_iter().map(|entry| {
        view! {
            <li>
                <a href=format!("/collections/{}", entry.handle)>
                    <bdi>{entry.title}</bdi>
                </a>
            </li>
        }
    });
    view! {
        <footer class="site-footer">
            <div class="site-footer-grid">
                <div class="site-footer-about">
                    <p class="site-footer-name" translate="no">{shop.clone()}</p>
                    <p class="site-footer-text">
                        "We sell twenty-eight things. Each has been used for at least one wet \
                        spring by someone who would say so if it were no good."
                    </p>
                </div>
                <nav class="site-footer-links" aria-label="Footer">
                    <h2 class="site-footer-title">"Shop"</h2>
                    <ul>
                        {entries.collect_view()}
                        <li>
                            <a href="/collections/all">"Everything"</a>
                        </li>
                        <li>
                            <a href="/journal">"Journal"</a>
                        </li>
                        <li>
                            <a href="/cart">"Your cart"</a>
                        </li>
                    </ul>
                </nav>
            </div>
            <p class="site-footer-small">
                {format!(
                    "Prices in {currency}. {shop} is a demonstration: it takes no money and \
                    sends no parcels.",
                )}
            </p>
        </footer>
    }
}
