namespace IlgpuSpp.Reports;

/// <summary>A validation image with what the network made of it.</summary>
/// <param name="File">The image's name, shown under it.</param>
/// <param name="Image">
/// The encoded image (PNG, JPEG, GIF, WebP or BMP). It goes into the page as it is, so thumbnails of about 200 pixels keep the page small.
/// </param>
/// <param name="TrueClass">The name of the class that the image belongs to.</param>
/// <param name="Guesses">The most probable classes, best first.</param>
/// <param name="Correct">Whether the first guess is the true class.</param>
public sealed record ReportSample(
    string File,
    ReadOnlyMemory<byte> Image,
    string TrueClass,
    IReadOnlyList<ClassGuess> Guesses,
    bool Correct);
