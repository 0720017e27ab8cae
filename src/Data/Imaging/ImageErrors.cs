namespace IlgpuSpp.Data.Imaging;

/// <summary>The failures of a decoder: what is wrong, then what to do.</summary>
/// <param name="Name">The name of the data, usually its path.</param>
/// <param name="Format">The format, as in "JPEG".</param>
internal readonly record struct ImageErrors(string? Name, string Format)
{
    public DataFormatException Truncated(string where) =>
        new(Name, $"truncated {Format}: the data ends {where}; fetch the file again or remove it");

    public DataFormatException Corrupt(string what, Exception? inner = null) =>
        new(Name, $"corrupt {Format}: {what}; fetch the file again or remove it", inner);

    public DataFormatException Unsupported(string what, Exception? inner = null) =>
        new(Name, $"unsupported {Format}: {what}; convert the file to 8-bit JPEG or PNG", inner);
}
