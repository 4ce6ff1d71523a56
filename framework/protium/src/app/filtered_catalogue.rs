//! The catalogue of a shop whose lists the filter answers, where there is one.

use std::sync::Arc;

use async_trait::async_trait;
use tracing::Instrument;

use crate::app::catalogue_filter::{CatalogueFilter, Current, Problem};
use crate::app::filter_page::Wanted;
use crate::app::filter_query::Question;
use protium_commerce::filter::{List, NarrowRequest, NarrowedPage};
use protium_commerce::listing::CollectionPage;
use protium_commerce::sqlite::Store;
use protium_commerce::{Catalogue, CatalogueWrapper, Context, PageRequest, ProviderError, Sort};
use protium_wasm::filter::FilterError;

/// The store's catalogue, whose lists the filter narrows when it is there.
pub(crate) struct FilteredCatalogue {
    pub store: Store,
    pub filter: Arc<CatalogueFilter>,
}

impl FilteredCatalogue {
    /// A page of a list by the filter.
    async fn by_filter(
        &self,
        current: &Current,
        context: &Context,
        list: &List,
        request: &NarrowRequest,
    ) -> Result<Option<NarrowedPage>, Problem> {
        let Some(list) = self.store.find_list(context, list).await? else {
            return Ok(None);
        };
        let question = Question::new(&current.index, &list, request);
        let available = question.available();
        let ask = async {
            let (answer, available) = tokio::try_join!(
                current.answer(question.query.clone()),
                current.answer(available),
            )?;
            Ok::<_, FilterError>((answer.unwrap_or_default(), available))
        };
        let (answer, available) = ask.instrument(step()).await?;
        let available = available.map(|answer| answer.total);
        let (ids, total, facets) = question.page(&answer, available);
        let products = self.store.cards(context, list.price_list, &ids).await?;
        Ok(Some(NarrowedPage {
            products,
            total,
            facets,
        }))
    }

    /// A page of a collection in an order of the filter; `None` where SQL has to answer.
    async fn sorted(
        &self,
        current: &Current,
        context: &Context,
        handle: &str,
        request: &PageRequest,
    ) -> Result<Option<CollectionPage>, Problem> {
        let Some(asked) = self.store.asked_page(context, handle, request).await? else {
            return Ok(None);
        };
        let Some(mut wanted) = Wanted::new(&current.index, &asked, request) else {
            return Ok(None);
        };
        let ask = async {
            let answer = current.filter.query(wanted.query.clone()).await?;
            match wanted.is_behind(&answer) {
                // There is nothing when the catalogue has shrunk: the beginning, then.
                true => {
                    wanted.begin();
                    current.filter.query(wanted.query.clone()).await
                }
                false => Ok(answer),
            }
        };
        let answer = ask.instrument(step()).await?;
        let sorted = wanted.page(&current.index, &answer);
        let page = self
            .store
            .sorted_page(context, asked, request.sort, &sorted);
        Ok(page.await?)
    }
}

fn step() -> tracing::Span {
    tracing::debug_span!("filter")
}

#[async_trait]
impl CatalogueWrapper for FilteredCatalogue {
    fn wrapped(&self) -> &dyn Catalogue {
        &self.store
    }

    async fn collection(
        &self,
        context: &Context,
        handle: &str,
        request: &PageRequest,
    ) -> Result<Option<CollectionPage>, ProviderError> {
        // SQL reads the beginning of a list in the order of ids, and nothing else of it.
        let is_first = request.cursor.is_none();
        let is_short = is_first && matches!(request.sort, Sort::Featured | Sort::Newest);
        if let Some(current) = self.filter.current().filter(|_| !is_short) {
            match self.sorted(&current, context, handle, request).await {
                Ok(Some(page)) => return Ok(Some(page)),
                Ok(None) => {}
                Err(Problem::Catalogue(error)) => return Err(error),
                Err(problem) => self.filter.failed(&problem),
            }
        }
        self.store.collection(context, handle, request).await
    }

    async fn narrowed(
        &self,
        context: &Context,
        list: &List,
        request: &NarrowRequest,
    ) -> Result<Option<NarrowedPage>, ProviderError> {
        if let Some(current) = self.filter.current() {
            match self.by_filter(&current, context, list, request).await {
                Ok(page) => return Ok(page),
                Err(Problem::Catalogue(error)) => return Err(error),
                Err(problem) => self.filter.failed(&problem),
            }
        }
        self.store.narrowed(context, list, request).await
    }
}
