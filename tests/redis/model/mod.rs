//! Redis does what SQLite does, and what it keeps beside the rows is always right.

mod checker;
mod concurrent;
mod driver;
mod filters;
mod found;
mod read;
mod schemas;
mod stage;
mod steps;
mod values;
mod write;
mod writers;

use driver::Model;
use peristyle_tests::{Store, count, on_both_redis};
use proptest::test_runner::{Config, TestCaseError, TestRunner};
use std::sync::atomic::Ordering;
use tokio::runtime::Handle;
use tokio::task::block_in_place;

on_both_redis! {
    async fn sequences_of_writes_expiries_and_queries_come_to_the_same_as_on_sqlite(store: Store) {
        let model = Model::new(store).await;
        let config = Config { cases: count(150, 4_000), failure_persistence: None, max_shrink_iters: 3_000, ..Config::default() };
        let handle = Handle::current();
        let check = |steps| handle.block_on(model.run(&steps)).map_err(TestCaseError::fail);
        if let Err(failure) = block_in_place(|| TestRunner::new(config).run(&steps::steps(), check)) {
            panic!("{failure}");
        }
        let [ran, unsupported, either] =
            [&model.ran, &model.unsupported, &model.either].map(|count| count.load(Ordering::Relaxed));
        eprintln!("{ran} steps, {unsupported} not possible on Redis, {either} refused by another constraint");
        assert!(unsupported * 5 < ran, "{unsupported} of {ran} steps are such as Redis cannot do");
        assert!(either * 20 < ran, "{either} of {ran} steps were refused by another constraint");
    }
}

/// CRC-16/XMODEM.
fn crc16(bytes: &[u8]) -> u16 {
    bytes.iter().fold(0, |crc, byte| {
        (0..8).fold(
            crc ^ (u16::from(*byte) << 8),
            |crc, _| if crc & 0x8000 == 0 { crc << 1 } else { (crc << 1) ^ 0x1021 },
        )
    })
}
