#include "io/png_writer.h"

#include <cairo/cairo.h>
#include <fmt/format.h>

#include <memory>

#include "sinew/base/error.h"

namespace sinew::io {
namespace {

/// A pixel as Cairo holds it: alpha, red, green, blue from the highest byte, colours multiplied by
/// alpha.
std::uint32_t as_cairo(const std::uint8_t* pixel, int channels) {
  const std::uint32_t alpha = channels == 4 ? pixel[3] : 255;
  const auto colour = [&](int channel) {
    return (pixel[channels == 1 ? 0 : channel] * alpha + 127) / 255;
  };
  return alpha << 24 | colour(0) << 16 | colour(1) << 8 | colour(2);
}

}  // namespace

std::string png_of(cairo_surface_t* surface, const std::string& path) {
  std::string bytes;
  const auto append = [](void* to, const unsigned char* data, unsigned length) {
    static_cast<std::string*>(to)->append(reinterpret_cast<const char*>(data), length);
    return CAIRO_STATUS_SUCCESS;
  };
  const cairo_status_t status = cairo_surface_write_to_png_stream(surface, append, &bytes);
  if (status == CAIRO_STATUS_SUCCESS) return bytes;
  throw FileError(fmt::format("{}: cannot draw: {}", path, cairo_status_to_string(status)));
}

std::string png_of(const std::uint8_t* pixels, int height, int width, int channels) {
  const cairo_format_t format = channels == 4 ? CAIRO_FORMAT_ARGB32 : CAIRO_FORMAT_RGB24;
  const std::unique_ptr<cairo_surface_t, void (*)(cairo_surface_t*)> surface(
      cairo_image_surface_create(format, width, height), cairo_surface_destroy);
  const cairo_status_t status = cairo_surface_status(surface.get());
  if (status != CAIRO_STATUS_SUCCESS) {
    throw ValueError(fmt::format("an image of {} x {} pixels cannot be drawn: {}", height, width,
                                 cairo_status_to_string(status)));
  }
  cairo_surface_flush(surface.get());
  unsigned char* data = cairo_image_surface_get_data(surface.get());
  const int stride = cairo_image_surface_get_stride(surface.get());
  for (int y = 0; y < height; ++y) {
    auto* row = reinterpret_cast<std::uint32_t*>(data + static_cast<std::ptrdiff_t>(y) * stride);
    for (int x = 0; x < width; ++x, pixels += channels) row[x] = as_cairo(pixels, channels);
  }
  cairo_surface_mark_dirty(surface.get());
  return png_of(surface.get(), "image");
}

}  // namespace sinew::io
