"""The hash of Keras's `Hashing` layer with a salt: SipHash-2-4, as TensorFlow's `to_hash_bucket_strong` computes it.

Aumasson and Bernstein, SipHash: a fast short-input PRF, INDOCRYPT 2012.
"""

__all__ = ["SALT", "hash_bin"]

SALT = (133, 137)
"""The salt of Keras's documentation. Without a salt, TensorFlow would use FarmHash, which is much longer to write."""

_MASK = 2**64 - 1
_START = (0x736F6D6570736575, 0x646F72616E646F6D, 0x6C7967656E657261, 0x7465646279746573)


def hash_bin(text: str, bins: int) -> int:
    """Return the bin of a text, from 0 to `bins` - 1."""
    return _siphash(text.encode(errors="surrogatepass")) % bins


def _siphash(message: bytes) -> int:
    state = [start ^ SALT[place % 2] for place, start in enumerate(_START)]
    whole = len(message) - len(message) % 8
    words = [int.from_bytes(message[at : at + 8], "little") for at in range(0, whole, 8)]
    words.append(int.from_bytes(message[whole:], "little") | (len(message) & 0xFF) << 56)
    for word in words:
        state[3] ^= word
        _rounds(state, 2)
        state[0] ^= word
    state[2] ^= 0xFF
    _rounds(state, 4)
    return state[0] ^ state[1] ^ state[2] ^ state[3]


def _rounds(state: list[int], count: int) -> None:
    a, b, c, d = state
    for _ in range(count):
        a, c = (a + b) & _MASK, (c + d) & _MASK
        b, d = _turned(b, 13) ^ a, _turned(d, 16) ^ c
        a = _turned(a, 32)
        a, c = (a + d) & _MASK, (c + b) & _MASK
        d, b = _turned(d, 21) ^ a, _turned(b, 17) ^ c
        c = _turned(c, 32)
    state[:] = a, b, c, d


def _turned(value: int, by: int) -> int:
    return (value << by | value >> (64 - by)) & _MASK
