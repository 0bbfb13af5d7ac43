//! Scripts that run on the server.

use std::sync::OnceLock;

/// A script that runs on the server, atomically: a constant of the program.
///
/// It is called by the checksum of its text, and sent as a whole where a server does not know it yet.
pub(crate) struct Script {
    /// Its parts, one after the other: what several scripts share comes first.
    parts: &'static [&'static str],
    made: OnceLock<Made>,
}

/// What the parts come to.
struct Made {
    text: String,
    checksum: String,
}

/// One call of a script. On Redis Cluster all keys are in one slot.
#[derive(Clone, Debug)]
pub(crate) struct Call {
    pub(crate) keys: Vec<String>,
    pub(crate) arguments: Vec<Vec<u8>>,
}

impl Script {
    pub(crate) const fn new(parts: &'static [&'static str]) -> Self {
        Script { parts, made: OnceLock::new() }
    }

    fn made(&self) -> &Made {
        self.made.get_or_init(|| {
            let text = self.parts.join("\n");
            let checksum = redis::Script::new(&text).get_hash().to_owned();
            Made { text, checksum }
        })
    }

    /// The command that calls the script by its checksum.
    pub(crate) fn by_checksum(&self, call: &Call) -> redis::Cmd {
        command("EVALSHA", &self.made().checksum, call)
    }

    /// The command that sends the script along, which makes the server know it.
    pub(crate) fn by_text(&self, call: &Call) -> redis::Cmd {
        command("EVAL", &self.made().text, call)
    }
}

fn command(name: &str, script: &str, call: &Call) -> redis::Cmd {
    let mut command = redis::cmd(name);
    command.arg(script).arg(call.keys.len());
    for key in &call.keys {
        command.arg(key);
    }
    for argument in &call.arguments {
        command.arg(argument.as_slice());
    }
    command
}
