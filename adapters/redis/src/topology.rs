//! Redis Cluster: which server has which slot.

use crate::layout::crc16;
use crate::node::Address;
use redis::Value;

/// How many slots a cluster has.
const SLOTS: u16 = 16384;

/// The slot of a key: by its hash tag if it has one.
pub(crate) fn slot(key: &[u8]) -> u16 {
    let tag = key.iter().position(|byte| *byte == b'{').and_then(|open| {
        let rest = &key[open + 1..];
        rest.iter().position(|byte| *byte == b'}').filter(|length| *length > 0).map(|length| &rest[..length])
    });
    crc16(tag.unwrap_or(key)) % SLOTS
}

/// Which primary has which slots, as a server of the cluster says.
#[derive(Debug, Default)]
pub(crate) struct Topology {
    /// The first and the last slot, and who has them; in order.
    ranges: Vec<(u16, u16, Address)>,
}

impl Topology {
    /// Reads the answer of CLUSTER SLOTS. `asked` is who gave it: a server that does not know its own name leaves it out.
    pub(crate) fn read(answer: &Value, asked: &Address) -> Self {
        let Value::Array(entries) = answer else { return Topology::default() };
        let mut ranges = entries.iter().filter_map(|entry| range(entry, asked)).collect::<Vec<_>>();
        ranges.sort_by_key(|(first, ..)| *first);
        Topology { ranges }
    }

    /// Who has a slot, if anybody.
    pub(crate) fn primary(&self, slot: u16) -> Option<&Address> {
        let after = self.ranges.partition_point(|(first, ..)| *first <= slot);
        let (_, last, address) = self.ranges.get(after.checked_sub(1)?)?;
        (slot <= *last).then_some(address)
    }

    /// All primaries, each once.
    pub(crate) fn primaries(&self) -> Vec<&Address> {
        let mut addresses: Vec<&Address> = Vec::new();
        for (.., address) in &self.ranges {
            if !addresses.contains(&address) {
                addresses.push(address);
            }
        }
        addresses
    }
}

fn range(entry: &Value, asked: &Address) -> Option<(u16, u16, Address)> {
    let Value::Array(entry) = entry else { return None };
    let [Value::Int(first), Value::Int(last), Value::Array(primary), ..] = entry.as_slice() else { return None };
    let [host, Value::Int(port), ..] = primary.as_slice() else { return None };
    let host = match host {
        Value::BulkString(host) => String::from_utf8_lossy(host).into_owned(),
        Value::SimpleString(host) => host.clone(),
        _ => String::new(),
    };
    let host = match host.as_str() {
        "?" => return None,
        "" | "0.0.0.0" | "::" => asked.host.clone(),
        _ => host,
    };
    Some((u16::try_from(*first).ok()?, u16::try_from(*last).ok()?, Address { host, port: u16::try_from(*port).ok()? }))
}

/// The address in the details of MOVED and ASK: `3999 127.0.0.1:6381`.
pub(crate) fn redirected(details: &str, asked: &Address) -> Option<Address> {
    let (_, address) = details.split_once(' ')?;
    let (host, port) = address.trim().rsplit_once(':')?;
    let host = match host.trim_start_matches('[').trim_end_matches(']') {
        "" => asked.host.clone(),
        host => host.to_owned(),
    };
    Some(Address { host, port: port.parse().ok()? })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn address(host: &str, port: u16) -> Address {
        Address { host: host.to_owned(), port }
    }

    fn entry(first: i64, last: i64, host: Value, port: i64) -> Value {
        Value::Array(vec![Value::Int(first), Value::Int(last), Value::Array(vec![host, Value::Int(port)])])
    }

    #[test]
    fn the_slot_of_a_key_is_that_of_its_tag() {
        // The examples of the specification: CLUSTER KEYSLOT of Redis gives the same.
        assert_eq!(slot(b"123456789"), 0x31C3);
        assert_eq!(slot(b"{user1000}.following"), slot(b"user1000"));
        assert_eq!(slot(b"foo{}{bar}"), crc16(b"foo{}{bar}") % SLOTS);
        assert_eq!(slot(b"foo{{bar}}zap"), slot(b"{bar"));
        assert_eq!(slot(b"foo{bar}{zap}"), slot(b"bar"));
    }

    #[test]
    fn a_slot_belongs_to_the_primary_of_its_range() {
        let bulk = |host: &str| Value::BulkString(host.as_bytes().to_vec());
        let answer = Value::Array(vec![
            entry(8192, 16383, bulk("b"), 2),
            entry(0, 99, Value::Nil, 1),
            entry(200, 8191, bulk("?"), 3),
        ]);
        let topology = Topology::read(&answer, &address("asked", 7));
        assert_eq!(topology.primary(99), Some(&address("asked", 1)));
        assert_eq!(topology.primary(100), None);
        assert_eq!(topology.primary(300), None);
        assert_eq!(topology.primary(16383), Some(&address("b", 2)));
        assert_eq!(topology.primaries(), [&address("asked", 1), &address("b", 2)]);
    }

    #[test]
    fn a_redirection_may_leave_out_the_host() {
        let asked = address("here", 1);
        assert_eq!(redirected("3999 127.0.0.1:6381", &asked), Some(address("127.0.0.1", 6381)));
        assert_eq!(redirected("3999 :6381", &asked), Some(address("here", 6381)));
        assert_eq!(redirected("3999 ::1:6381", &asked), Some(address("::1", 6381)));
        assert_eq!(redirected("nonsense", &asked), None);
    }
}
