#include "gatehouse/base/base64url_paths.h"

#if defined(__x86_64__)
#include <immintrin.h>
#endif

namespace gatehouse::base64url {

#if defined(__x86_64__)
namespace {

// The shuffles work on each 128-bit lane by itself: both get the same row.
__attribute__((target("avx2"))) inline __m256i both_lanes(__m128i row) noexcept {
  return _mm256_broadcastsi128_si256(row);
}

// What the 32 characters at `text` stand for, six bits an octet. Every character outside the alphabet leaves
// bits in `faults`: its high half-octet names a row, its low one the rows that have no character there.
__attribute__((target("avx2"))) inline __m256i values_of(const char* text, __m256i& faults) noexcept {
  //      row:     2 '-'  3 digits  4, 6 letters  5 letters '_'  7 letters  others
  //      bit:      1        2          4              8            16        32
  const __m256i rows = both_lanes(_mm_setr_epi8(32, 32, 1, 2, 4, 8, 4, 16, 32, 32, 32, 32, 32, 32, 32, 32));
  const __m256i rows_without =
      both_lanes(_mm_setr_epi8(37, 33, 33, 33, 33, 33, 33, 33, 33, 33, 35, 59, 59, 58, 59, 51));
  const __m256i distances =
      both_lanes(_mm_setr_epi8(0, 0, 17, 4, -65, -65, -71, -71, 0, 0, 0, 0, 0, 0, 0, 0));

  const __m256i characters = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(text));
  const __m256i low_half = _mm256_set1_epi8(0x0F);
  const __m256i high = _mm256_and_si256(_mm256_srli_epi16(characters, 4), low_half);
  const __m256i low = _mm256_and_si256(characters, low_half);
  faults = _mm256_or_si256(
      faults, _mm256_and_si256(_mm256_shuffle_epi8(rows, high), _mm256_shuffle_epi8(rows_without, low)));

  // '_' shares its row with letters that stand 33 lower.
  const __m256i underscore = _mm256_cmpeq_epi8(characters, _mm256_set1_epi8('_'));
  const __m256i distance = _mm256_add_epi8(_mm256_shuffle_epi8(distances, high),
                                           _mm256_and_si256(underscore, _mm256_set1_epi8(33)));
  return _mm256_add_epi8(characters, distance);
}

// Writes the 24 octets of 32 values, and none beyond.
__attribute__((target("avx2"))) inline void store_octets(__m256i values, char* out) noexcept {
  const __m256i pairs = _mm256_maddubs_epi16(values, _mm256_set1_epi32(0x01400140));
  const __m256i groups = _mm256_madd_epi16(pairs, _mm256_set1_epi32(0x00011000));
  const __m256i twelves = _mm256_shuffle_epi8(
      groups, both_lanes(_mm_setr_epi8(2, 1, 0, 6, 5, 4, 10, 9, 8, 14, 13, 12, -1, -1, -1, -1)));
  const __m256i octets = _mm256_permutevar8x32_epi32(twelves, _mm256_setr_epi32(0, 1, 2, 4, 5, 6, 7, 7));
  _mm_storeu_si128(reinterpret_cast<__m128i*>(out), _mm256_castsi256_si128(octets));
  _mm_storel_epi64(reinterpret_cast<__m128i*>(out + 16), _mm256_extracti128_si256(octets, 1));
}

}  // namespace

bool has_vectors() noexcept { return __builtin_cpu_supports("avx2") != 0; }

__attribute__((target("avx2"))) bool decode_by_vectors(std::string_view text, char* out) noexcept {
  const std::size_t whole = text.size() / 4 * 4;
  __m256i faults = _mm256_setzero_si256();
  std::size_t i = 0;
  for (; i + vector_characters <= whole; i += vector_characters)
    store_octets(values_of(text.data() + i, faults), out + i / 4 * 3);
  if (i < whole) {  // the last vector once more, from so far back that it ends with the last group of four
    i = whole - vector_characters;
    store_octets(values_of(text.data() + i, faults), out + i / 4 * 3);
  }
  const bool tail_holds = decode_portably(text.substr(whole), out + whole / 4 * 3);
  return _mm256_testz_si256(faults, faults) == 1 && tail_holds;
}

#else

bool has_vectors() noexcept { return false; }
bool decode_by_vectors(std::string_view text, char* out) noexcept { return decode_portably(text, out); }

#endif

}  // namespace gatehouse::base64url
