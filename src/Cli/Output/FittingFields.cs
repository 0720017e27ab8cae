namespace IlgpuSpp.Cli.Output;

/// <summary>A part of a line.</summary>
/// <param name="Weight">How dear it is: the smallest goes first where room is short.</param>
/// <param name="Text">What it says.</param>
internal readonly record struct Field(int Weight, string Text);

/// <summary>Lines of fields that fit a width.</summary>
internal static class FittingFields
{
    private const string Between = "  ";

    /// <summary>The fields in their order, without the least dear ones that there is no room for.</summary>
    /// <param name="columns">The room.</param>
    /// <param name="fields">The fields.</param>
    public static string Join(int columns, IEnumerable<Field> fields)
    {
        List<Field> kept = [.. fields];
        while (kept.Count > 1 && kept.Sum(field => field.Text.Length) + Between.Length * (kept.Count - 1) > columns) kept.Remove(kept.MinBy(field => field.Weight));
        return string.Join(Between, kept.Select(field => field.Text));
    }
}
