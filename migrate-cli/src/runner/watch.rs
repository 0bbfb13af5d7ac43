//! Hands events to those who want to see them.

use super::event::{Event, Issuer, MigrationObserver};
use peristyle_query::adapter::{Notice, Notices};
use std::sync::Arc;

/// Who sees the events.
#[derive(Clone, Default)]
pub(crate) struct Watch {
    observers: Vec<Arc<dyn MigrationObserver>>,
}

impl Watch {
    pub(crate) fn add(&mut self, observer: Arc<dyn MigrationObserver>) {
        self.observers.push(observer);
    }

    pub(crate) fn emit(&self, event: &Event<'_>) {
        self.observers.iter().for_each(|observer| observer.event(event));
    }

    /// Shows a statement of the migrator's own.
    pub(crate) fn own(&self, sql: &str) {
        self.emit(&Event::Statement { sql, of: Issuer::Migrator });
    }
}

impl Notices for Watch {
    fn notice(&self, notice: &Notice) {
        self.emit(&Event::Notice { severity: notice.severity, message: &notice.message });
    }
}
