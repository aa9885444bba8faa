use std::collections::HashSet;
use std::sync::{Mutex, PoisonError};

/// The ids that the gateways have made so far.
#[derive(Debug, Default)]
pub(crate) struct MadeIds(Mutex<HashSet<u128>>);

impl MadeIds {
    /// Takes the id of a response to a request that had none; says what is wrong with it.
    pub(super) fn take(&self, id: &str) -> Result<(), &'static str> {
        let is_hex = |byte: u8| matches!(byte, b'0'..=b'9' | b'a'..=b'f');
        if id.len() != 32 || !id.bytes().all(is_hex) {
            return Err("the id that was made is not 32 hexadecimal digits");
        }
        let id = u128::from_str_radix(id, 16).map_err(|_| "the id is no number")?;
        let mut ids = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if ids.insert(id) {
            Ok(())
        } else {
            Err("the id that was made has been there before")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn takes_an_id_once() {
        let ids = MadeIds::default();
        let id = "0123456789abcdef0123456789abcdef";

        assert!(ids.take(id).is_ok());
        assert!(ids.take(&id.replace('0', "1")).is_ok());
        assert!(ids.take(id).is_err());
    }

    #[test]
    fn takes_nothing_but_32_hexadecimal_digits() {
        for id in [
            "",
            "0123",
            &"0".repeat(33),
            &"A".repeat(32),
            &"+".repeat(32),
        ] {
            assert!(MadeIds::default().take(id).is_err(), "{id}");
        }
    }
}
