using System.Globalization;

namespace IlgpuSpp.Models;

/// <summary>A field of a text-format message: a word, number or string, or a message.</summary>
internal sealed record PrototxtField(string Name, int Line, string? Text, PrototxtMessage? Message);

/// <summary>A message of protocol buffers' text format: fields in the order of the file, repeated ones as often as they stand there.</summary>
internal sealed class PrototxtMessage(string path, int line)
{
    /// <summary>The file, for errors.</summary>
    public string Path { get; } = path;

    /// <summary>The line where the message begins.</summary>
    public int Line { get; } = line;

    public List<PrototxtField> Fields { get; } = [];

    public bool Has(string name) => Fields.Exists(field => field.Name == name);

    public IEnumerable<PrototxtMessage> Messages(string name)
    {
        foreach (PrototxtField field in Fields)
            if (field.Name == name)
                yield return field.Message ?? throw Wrong(field, "must be a message in braces");
    }

    /// <summary>The last message of a name, as the format has it, or an empty one.</summary>
    public PrototxtMessage Message(string name) => Messages(name).LastOrDefault() ?? new PrototxtMessage(Path, Line);

    public IEnumerable<string> Texts(string name)
    {
        foreach (PrototxtField field in Fields)
            if (field.Name == name)
                yield return field.Text ?? throw Wrong(field, "must be a value, not a message");
    }

    public string? Text(string name) => Texts(name).LastOrDefault();

    public bool Flag(string name, bool otherwise) => Last(name) switch
    {
        null => otherwise,
        { Text: "true" or "True" or "t" or "1" } => true,
        { Text: "false" or "False" or "f" or "0" } => false,
        var field => throw Wrong(field, "must be true or false"),
    };

    public float Number(string name, float otherwise) => Last(name) is { } field ? Number(field) : otherwise;

    public IEnumerable<float> Numbers(string name) => Fields.Where(field => field.Name == name).Select(Number);

    public int Whole(string name, int otherwise, int least = 0, int most = 1 << 20) => Last(name) is { } field ? Whole(field, least, most) : otherwise;

    public int[] Wholes(string name, int least = 0, int most = 1 << 20) => [.. Fields.Where(field => field.Name == name).Select(field => Whole(field, least, most))];

    private PrototxtField? Last(string name) => Fields.FindLast(field => field.Name == name);

    private float Number(PrototxtField field) => float.TryParse(field.Text?.TrimEnd('f', 'F'), NumberStyles.Float, CultureInfo.InvariantCulture, out float value) && float.IsFinite(value)
        ? value
        : throw Wrong(field, "must be a number");

    private int Whole(PrototxtField field, int least, int most) =>
        int.TryParse(field.Text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out int value) && value >= least && value <= most
            ? value
            : throw Wrong(field, $"must be a whole number from {least} to {most}");

    private ModelFormatException Wrong(PrototxtField field, string rule) =>
        new(Path, $"line {field.Line}: {field.Name} {rule}{(field.Text is null ? "" : $", not '{field.Text}'")}");
}
