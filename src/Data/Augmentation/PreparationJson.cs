using System.Text.Json;

namespace IlgpuSpp.Data;

/// <summary>How preparations are written into a model's metadata, and read from there.</summary>
internal static class PreparationJson
{
    // By the values of the enumerations.
    private static ReadOnlySpan<string> Filters => new[] { "bilinear", "bilinearAntialias" };

    private static ReadOnlySpan<string> Kinds => new[] { "colour", "meanImage" };

    private static ReadOnlySpan<string> Orders => new[] { "rgb", "bgr" };

    public static string Write(InputPreparation preparation) => JsonFields.Write(writer =>
    {
        writer.WriteStartObject();
        writer.WriteNumber("minSide", preparation.MinSide);
        writer.WriteNumber("cropSize", preparation.CropSize);
        writer.WriteString("filter", Filters[(int)preparation.Filter]);
        if (preparation.ReducedDecoding) writer.WriteBoolean("reducedDecoding", true);
        writer.WritePropertyName("normalisation");
        Write(writer, preparation.Normalisation);
        writer.WriteEndObject();
    });

    public static string Write(InputNormalisation normalisation) => JsonFields.Write(writer => Write(writer, normalisation));

    /// <summary>Reads a preparation; its mean image is not part of the text.</summary>
    /// <exception cref="DataFormatException">The text is none.</exception>
    public static InputPreparation ReadPreparation(string json) => Read(json, "input preparation", static fields =>
    {
        var usual = new InputPreparation();
        return new InputPreparation
        {
            MinSide = fields.Whole("minSide", usual.MinSide),
            CropSize = fields.Whole("cropSize", usual.CropSize),
            Filter = (ResizeFilter)fields.Choice("filter", Filters, (int)usual.Filter),
            ReducedDecoding = fields.Flag("reducedDecoding", usual.ReducedDecoding),
            Normalisation = ReadNormalisation(fields.Object("normalisation"), usual.Normalisation),
        };
    });

    /// <summary>Reads a normalisation; its mean image is not part of the text.</summary>
    /// <exception cref="DataFormatException">The text is none.</exception>
    public static InputNormalisation ReadNormalisation(string json) => Read(json, "input normalisation", static fields => ReadNormalisation(fields, InputNormalisation.None));

    private static InputNormalisation ReadNormalisation(JsonFields fields, InputNormalisation usual) => new()
    {
        Kind = (NormalisationKind)fields.Choice("kind", Kinds, (int)usual.Kind),
        Mean = ReadColour(fields.Object("mean"), usual.Mean),
        Std = ReadColour(fields.Object("std"), usual.Std),
        ChannelOrder = (ChannelOrder)fields.Choice("channelOrder", Orders, (int)usual.ChannelOrder),
    };

    private static RgbValues ReadColour(JsonFields fields, RgbValues usual) =>
        new(fields.Number("red", usual.Red), fields.Number("green", usual.Green), fields.Number("blue", usual.Blue));

    private static void Write(Utf8JsonWriter writer, InputNormalisation normalisation)
    {
        writer.WriteStartObject();
        writer.WriteString("kind", Kinds[(int)normalisation.Kind]);
        Write(writer, "mean", normalisation.Mean);
        Write(writer, "std", normalisation.Std);
        writer.WriteString("channelOrder", Orders[(int)normalisation.ChannelOrder]);
        writer.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter writer, string name, RgbValues colour)
    {
        writer.WriteStartObject(name);
        writer.WriteNumber("red", colour.Red);
        writer.WriteNumber("green", colour.Green);
        writer.WriteNumber("blue", colour.Blue);
        writer.WriteEndObject();
    }

    private static T Read<T>(string json, string what, Func<JsonFields, T> read)
    {
        try
        {
            return read(JsonFields.Of(json));
        }
        catch (JsonException e)
        {
            throw new DataFormatException(null, $"the {what} in the model's metadata cannot be read{(e.Path is { Length: > 0 } at ? $" at {at}" : "")}; export the model again.", e);
        }
    }
}
