#pragma once

#include <cstdint>
#include <string>

struct _cairo_surface;

namespace sinew::io {

/// The bytes of a PNG file of a drawn picture. Throws FileError naming `path`, the file it is for.
std::string png_of(_cairo_surface* surface, const std::string& path);

/// The bytes of a PNG file of an image (height, width, channels): grey, colours, or colours with
/// opacity, for 1, 3 or 4 channels.
std::string png_of(const std::uint8_t* pixels, int height, int width, int channels);

}  // namespace sinew::io
