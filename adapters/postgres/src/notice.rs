//! The server's notices. The driver gives them to nobody but `tracing`, so that is where they are picked up: while a script
//! runs, a subscriber stands in front of the program's own, which still gets everything.

use peristyle_query::adapter::{Notice, Notices};
use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use tracing_core::dispatcher::{self, Dispatch};
use tracing_core::field::{Field, Visit};
use tracing_core::span::{Attributes, Current, Id, Record};
use tracing_core::{Event, Interest, Level, LevelFilter, Metadata, Subscriber};

/// The target of the driver's notices.
const TARGET: &str = "sqlx::postgres::notice";

/// Runs a future and hands on the notices that the server sends meanwhile.
pub(crate) fn listen<F: Future + Unpin>(future: F, notices: Arc<dyn Notices>) -> Listening<F> {
    let outer = dispatcher::get_default(Dispatch::clone);
    Listening { future, dispatch: Dispatch::new(Ear { outer, notices }) }
}

/// The future of [`listen`].
pub(crate) struct Listening<F> {
    future: F,
    dispatch: Dispatch,
}

impl<F: Future + Unpin> Future for Listening<F> {
    type Output = F::Output;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<F::Output> {
        let Listening { future, dispatch } = self.get_mut();
        dispatcher::with_default(dispatch, || Pin::new(future).poll(context))
    }
}

struct Ear {
    outer: Dispatch,
    notices: Arc<dyn Notices>,
}

fn is_notice(metadata: &Metadata<'_>) -> bool {
    metadata.target() == TARGET && *metadata.level() <= Level::INFO
}

impl Subscriber for Ear {
    fn register_callsite(&self, _: &'static Metadata<'static>) -> Interest {
        Interest::sometimes()
    }

    fn max_level_hint(&self) -> Option<LevelFilter> {
        Some(LevelFilter::INFO)
    }

    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        is_notice(metadata) || self.outer.enabled(metadata)
    }

    fn event(&self, event: &Event<'_>) {
        let metadata = event.metadata();
        if is_notice(metadata) {
            let mut message = Message(String::new());
            event.record(&mut message);
            let severity = match *metadata.level() {
                Level::ERROR => "error",
                Level::WARN => "warning",
                _ => "notice",
            };
            self.notices.notice(&Notice { severity, message: message.0 });
        }
        if self.outer.enabled(metadata) {
            self.outer.event(event);
        }
    }

    fn new_span(&self, span: &Attributes<'_>) -> Id {
        self.outer.new_span(span)
    }

    fn record(&self, span: &Id, values: &Record<'_>) {
        self.outer.record(span, values);
    }

    fn record_follows_from(&self, span: &Id, follows: &Id) {
        self.outer.record_follows_from(span, follows);
    }

    fn enter(&self, span: &Id) {
        self.outer.enter(span);
    }

    fn exit(&self, span: &Id) {
        self.outer.exit(span);
    }

    fn clone_span(&self, id: &Id) -> Id {
        self.outer.clone_span(id)
    }

    fn try_close(&self, id: Id) -> bool {
        self.outer.try_close(id)
    }

    fn current_span(&self) -> Current {
        self.outer.current_span()
    }
}

/// The text of an event.
struct Message(String);

impl Visit for Message {
    fn record_str(&mut self, field: &Field, value: &str) {
        if field.name() == "message" {
            self.0 = value.to_owned();
        }
    }

    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        if field.name() == "message" {
            self.0 = format!("{value:?}");
        }
    }
}
