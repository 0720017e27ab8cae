namespace IlgpuSpp.Models;

/// <summary>
/// What a <c>.prototxt</c> says about its input. Networks of Caffe take blue, green, red; the mean, where one is given, is in
/// that order too.
/// </summary>
/// <param name="Height">Rows of the input in pixels.</param>
/// <param name="Width">Columns of the input in pixels.</param>
/// <param name="Mean">The values subtracted from blue, green and red, 0 to 255, or null where none are given.</param>
/// <param name="MeanFile">The file of the mean image as the <c>.prototxt</c> names it, or null.</param>
/// <param name="Scale">What the difference is multiplied by.</param>
public sealed record CaffeInput(int Height, int Width, IReadOnlyList<float>? Mean, string? MeanFile, float Scale);
