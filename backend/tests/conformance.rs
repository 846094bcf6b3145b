//! The conformance suites over the embedded store.

mod support;

use std::sync::Arc;

use belfry_backend::EmbeddedStore;
use belfry_domain::conformance::{self, Lives};
use belfry_domain::ports::Store;
use tokio::sync::Mutex;

use support::{Scratch, options};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_embedded_store_passes_the_conformance_suites() {
    let scratch = Arc::new(Scratch::new());
    let make = async || {
        let options = options(&scratch.fresh());
        Arc::new(EmbeddedStore::open(options).expect("an empty directory opens")) as Arc<dyn Store>
    };
    conformance::all(make).await;
}

struct EmbeddedLives {
    scratch: Scratch,
    present: Mutex<Option<Arc<EmbeddedStore>>>,
}

#[async_trait::async_trait]
impl Lives for EmbeddedLives {
    async fn open(&self) -> Arc<dyn Store> {
        let mut present = self.present.lock().await;
        if let Some(store) = present.take() {
            store.close();
            assert_eq!(Arc::strong_count(&store), 1, "the case has let go of the life before");
        }
        let options = options(self.scratch.path());
        let store = Arc::new(EmbeddedStore::open(options).expect("the directory opens again"));
        *present = Some(Arc::clone(&store));
        store
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_embedded_store_passes_the_reopening_suite() {
    let make =
        async || Arc::new(EmbeddedLives { scratch: Scratch::new(), present: Mutex::new(None) }) as Arc<dyn Lives>;
    conformance::reopen::all(make).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_receipts_of_the_embedded_store_are_what_its_cursors_and_marks_say() {
    let make =
        async || Arc::new(EmbeddedLives { scratch: Scratch::new(), present: Mutex::new(None) }) as Arc<dyn Lives>;
    conformance::ticks::all(&make).await;
}
