//! SHA-256 (FIPS 180-4), by which a page says which script and style of its own may run.

/// The primes below 312, of whose cube roots the round constants are made.
const PRIMES: usize = 64;

/// The first 32 bits of the fraction of a root of a prime: integer roots, so that no float decides.
fn root(prime: u128, cube: bool) -> u32 {
    let (mut low, mut high) = (0_u128, 1_u128 << 40);
    let shift = if cube { 96 } else { 64 };
    while low + 1 < high {
        let middle = (low + high) / 2;
        let power = if cube { middle * middle * middle } else { middle * middle };
        if power <= prime << shift {
            low = middle;
        } else {
            high = middle;
        }
    }
    (low & 0xffff_ffff) as u32
}

fn primes() -> Vec<u128> {
    let mut found: Vec<u128> = Vec::new();
    let mut number = 2;
    while found.len() < PRIMES {
        if found.iter().all(|prime| number % prime != 0) {
            found.push(number);
        }
        number += 1;
    }
    found
}

/// The hash of a text.
pub fn sha256(text: &str) -> [u8; 32] {
    let primes = primes();
    let constants: Vec<u32> = primes.iter().map(|prime| root(*prime, true)).collect();
    let mut state: Vec<u32> = primes.iter().take(8).map(|prime| root(*prime, false)).collect();
    let mut bytes = text.as_bytes().to_vec();
    let length = bytes.len() as u64 * 8;
    bytes.push(0x80);
    while bytes.len() % 64 != 56 {
        bytes.push(0);
    }
    bytes.extend(length.to_be_bytes());
    for block in bytes.chunks_exact(64) {
        compress(&mut state, block, &constants);
    }
    let mut hash = [0; 32];
    for (out, word) in hash.chunks_exact_mut(4).zip(&state) {
        out.copy_from_slice(&word.to_be_bytes());
    }
    hash
}

fn compress(state: &mut [u32], block: &[u8], constants: &[u32]) {
    let mut words: Vec<u32> =
        block.chunks_exact(4).map(|b| u32::from_be_bytes([b[0], b[1], b[2], b[3]])).collect();
    for k in 16..64 {
        let (a, b) = (words[k - 15], words[k - 2]);
        let small = a.rotate_right(7) ^ a.rotate_right(18) ^ (a >> 3);
        let large = b.rotate_right(17) ^ b.rotate_right(19) ^ (b >> 10);
        let sum = words[k - 16].wrapping_add(small).wrapping_add(words[k - 7]);
        words.push(sum.wrapping_add(large));
    }
    let mut now = [0_u32; 8];
    now.copy_from_slice(state);
    for (word, constant) in words.iter().zip(constants) {
        let [a, b, c, d, e, f, g, h] = now;
        let large = e.rotate_right(6) ^ e.rotate_right(11) ^ e.rotate_right(25);
        let first = h.wrapping_add(large).wrapping_add((e & f) ^ (!e & g));
        let first = first.wrapping_add(*constant).wrapping_add(*word);
        let small = a.rotate_right(2) ^ a.rotate_right(13) ^ a.rotate_right(22);
        let second = small.wrapping_add((a & b) ^ (a & c) ^ (b & c));
        now = [first.wrapping_add(second), a, b, c, d.wrapping_add(first), e, f, g];
    }
    for (sum, word) in state.iter_mut().zip(now) {
        *sum = sum.wrapping_add(word);
    }
}

/// The hash in base 64, as a policy names it: `sha256-...`.
pub fn source(text: &str) -> String {
    const SIGNS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut told = String::from("sha256-");
    for part in sha256(text).chunks(3) {
        let byte = |k: usize| u32::from(part.get(k).copied().unwrap_or(0));
        let bits = byte(0) << 16 | byte(1) << 8 | byte(2);
        for k in 0..4 {
            let sign = SIGNS[(bits >> (18 - 6 * k) & 63) as usize];
            told.push(if k > part.len() { '=' } else { char::from(sign) });
        }
    }
    told
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Known answers of FIPS 180-4, and `printf abc | openssl dgst -sha256 -binary | base64`.
    #[test]
    fn known_answers() {
        let hex = |text: &str| sha256(text).map(|byte| format!("{byte:02x}")).concat();
        assert_eq!(hex("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
        assert_eq!(hex(""), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
        let two = "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq";
        assert_eq!(hex(two), "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
        assert_eq!(source("abc"), "sha256-ungWv48Bz+pBQUDeXa4iI7ADYaOWF3qctBD/YfIAFa0=");
    }
}
