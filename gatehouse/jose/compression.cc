#include "gatehouse/jose/compression.h"

#include <zlib.h>

#include <algorithm>
#include <new>

namespace gatehouse::jose {
namespace {

constexpr int raw_deflate = -15;  // neither zlib's wrapping nor gzip's

Bytef* octets_of(std::string_view text) noexcept {
  return reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));  // zlib only reads it
}

class Inflation {
 public:
  explicit Inflation(std::string_view input) {
    stream_.next_in = octets_of(input);
    stream_.avail_in = static_cast<uInt>(input.size());
    if (inflateInit2(&stream_, raw_deflate) != Z_OK) throw std::bad_alloc();
  }
  ~Inflation() { inflateEnd(&stream_); }
  Inflation(const Inflation&) = delete;
  Inflation& operator=(const Inflation&) = delete;

  // Appends at most `room` octets; what zlib says of it.
  int append(std::string& output, std::size_t room) {
    const std::size_t before = output.size();
    output.resize(before + room);
    stream_.next_out = reinterpret_cast<Bytef*>(output.data()) + before;
    stream_.avail_out = static_cast<uInt>(room);
    const int said = ::inflate(&stream_, Z_NO_FLUSH);
    output.resize(output.size() - stream_.avail_out);
    return said;
  }
  bool is_used_up() const noexcept { return stream_.avail_in == 0; }

 private:
  z_stream stream_{};
};

}  // namespace

std::string deflate(std::string_view octets) {
  z_stream stream{};
  if (deflateInit2(&stream, Z_BEST_COMPRESSION, Z_DEFLATED, raw_deflate, 8, Z_DEFAULT_STRATEGY) != Z_OK)
    throw std::bad_alloc();
  std::string output(deflateBound(&stream, octets.size()), '\0');
  stream.next_in = octets_of(octets);
  stream.avail_in = static_cast<uInt>(octets.size());
  stream.next_out = octets_of(output);
  stream.avail_out = static_cast<uInt>(output.size());
  ::deflate(&stream, Z_FINISH);
  output.resize(stream.total_out);
  deflateEnd(&stream);
  return output;
}

Result<std::string> inflate(std::string_view octets, std::size_t most) {
  constexpr std::size_t step = 16 * 1024;
  Inflation inflation(octets);
  std::string output;
  for (;;) {
    // One octet beyond the cap tells a bomb from what just fits.
    const std::size_t room = std::min(step, most + 1 - output.size());
    const std::size_t before = output.size();
    const int said = inflation.append(output, room);
    if (output.size() > most) return fail(Failure::decompression_failed, "too large");
    if (said == Z_STREAM_END && inflation.is_used_up()) return output;
    if (said != Z_OK || output.size() == before) return fail(Failure::decompression_failed);
  }
}

}  // namespace gatehouse::jose
