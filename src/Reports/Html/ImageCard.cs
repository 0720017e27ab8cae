namespace IlgpuSpp.Reports;

/// <summary>An image with what there is to say about it.</summary>
/// <param name="Image">The encoded image; where no browser shows its format, the card says so.</param>
/// <param name="Title">The line over the bars.</param>
/// <param name="Bars">Short bars under the image, in the order given.</param>
/// <param name="Caption">The last line, for example the file's name; may be empty.</param>
/// <param name="Mark">How the card is set off.</param>
public sealed record ImageCard(ReadOnlyMemory<byte> Image, string Title, IReadOnlyList<BarItem> Bars, string Caption, CardMark Mark);
