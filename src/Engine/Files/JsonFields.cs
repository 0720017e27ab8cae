using System.Text;
using System.Text.Json;

namespace IlgpuSpp.Engine;

/// <summary>
/// The fields of an object in a JSON text, read one by one; those that the text does not name have their usual values. A serializer would need code of its own for every
/// type of field, which is compiled as the program starts even where the program itself was compiled ahead.
/// </summary>
internal readonly struct JsonFields
{
    // Default where the text has no such object.
    private readonly JsonElement _object;
    private readonly string _path;

    private JsonFields(JsonElement value, string path)
    {
        if (value.ValueKind != JsonValueKind.Object) throw Wrong(path);
        _object = value;
        _path = path;
    }

    private JsonFields(string path) => _path = path;

    /// <summary>Reads a text that is one object.</summary>
    /// <exception cref="JsonException">It is not, or gives a name twice.</exception>
    public static JsonFields Of(string json) => new(Parsed(json), "");

    /// <summary>Reads a text that is a list of texts.</summary>
    /// <exception cref="JsonException">It is not.</exception>
    public static string?[] Texts(string json)
    {
        JsonElement list = Parsed(json);
        if (list.ValueKind != JsonValueKind.Array) throw Wrong("");
        var texts = new string?[list.GetArrayLength()];
        for (int i = 0; i < texts.Length; i++) texts[i] = Text(list[i], $"[{i}]");
        return texts;
    }

    /// <summary>A text that is written field by field.</summary>
    public static string Write(Action<Utf8JsonWriter> write)
    {
        using var stream = new MemoryStream();
        using (var writer = new Utf8JsonWriter(stream)) write(writer);
        return Encoding.UTF8.GetString(stream.GetBuffer(), 0, (int)stream.Length);
    }

    /// <summary>A whole number.</summary>
    /// <exception cref="JsonException">The field is none.</exception>
    public int Whole(string name, int usual) => !Has(name, out JsonElement value) ? usual : value.ValueKind == JsonValueKind.Number && value.TryGetInt32(out int whole) ? whole : throw Wrong(Path(name));

    /// <summary>A number.</summary>
    /// <exception cref="JsonException">The field is none.</exception>
    public float Number(string name, float usual) => !Has(name, out JsonElement value) ? usual : value.ValueKind == JsonValueKind.Number && value.TryGetSingle(out float number) ? number : throw Wrong(Path(name));

    /// <inheritdoc cref="Number(string, float)"/>
    public double Number(string name, double usual) => !Has(name, out JsonElement value) ? usual : value.ValueKind == JsonValueKind.Number && value.TryGetDouble(out double number) ? number : throw Wrong(Path(name));

    /// <summary>A number, or null where the field is not there or is null.</summary>
    /// <exception cref="JsonException">The field is something else.</exception>
    public float? NumberOrNull(string name) => Has(name, out JsonElement value) && value.ValueKind != JsonValueKind.Null ? Number(name, 0f) : null;

    /// <summary>True or false.</summary>
    /// <exception cref="JsonException">The field is neither.</exception>
    public bool Flag(string name, bool usual) => !Has(name, out JsonElement value) ? usual : value.ValueKind is JsonValueKind.True or JsonValueKind.False ? value.GetBoolean() : throw Wrong(Path(name));

    /// <summary>One of several names, in any case: its place among them.</summary>
    /// <exception cref="JsonException">The field is none of them.</exception>
    public int Choice(string name, ReadOnlySpan<string> choices, int usual)
    {
        if (!Has(name, out JsonElement value)) return usual;
        string? text = Text(value, Path(name));
        for (int i = 0; i < choices.Length; i++)
            if (string.Equals(text, choices[i], StringComparison.OrdinalIgnoreCase)) return i;
        throw Wrong(Path(name));
    }

    /// <summary>A list of whole numbers.</summary>
    /// <exception cref="JsonException">The field is none.</exception>
    public int[] Wholes(string name, int[] usual)
    {
        if (!Has(name, out JsonElement list)) return usual;
        if (list.ValueKind != JsonValueKind.Array) throw Wrong(Path(name));
        var numbers = new int[list.GetArrayLength()];
        for (int i = 0; i < numbers.Length; i++)
            if (list[i].ValueKind != JsonValueKind.Number || !list[i].TryGetInt32(out numbers[i])) throw Wrong($"{Path(name)}[{i}]");
        return numbers;
    }

    /// <summary>An object inside this one; all its fields have their usual values where it is not there.</summary>
    /// <exception cref="JsonException">The field is none.</exception>
    public JsonFields Object(string name) => Has(name, out JsonElement value) ? new JsonFields(value, Path(name)) : new JsonFields(Path(name));

    private bool Has(string name, out JsonElement value)
    {
        value = default;
        return _object.ValueKind == JsonValueKind.Object && _object.TryGetProperty(name, out value);
    }

    private string Path(string name) => _path.Length == 0 ? name : $"{_path}.{name}";

    private static JsonElement Parsed(string json)
    {
        try
        {
            return JsonElement.Parse(json, new JsonDocumentOptions { AllowDuplicateProperties = false });
        }
        catch (InvalidOperationException error)
        {
            throw new JsonException("a name is not valid Unicode", error);
        }
    }

    private static string? Text(JsonElement value, string path)
    {
        try
        {
            return value.ValueKind is JsonValueKind.String or JsonValueKind.Null ? value.GetString() : throw Wrong(path);
        }
        catch (InvalidOperationException)
        {
            // Escapes of half a surrogate pair pass the parser but give no text.
            throw Wrong(path);
        }
    }

    private static JsonException Wrong(string path) => new($"{path} is not as it should be", path, null, null);
}
