using IlgpuSpp.Cli.Commands;

namespace IlgpuSpp.Cli.Training;

/// <summary>A value that a recipe sets.</summary>
/// <param name="Option">The option that sets it instead; null where none does.</param>
/// <param name="Text">The value in words.</param>
/// <param name="Take">The first options with the value of the second.</param>
internal sealed record RecipeValue<T>(Option? Option, Func<T, string> Text, Func<T, T, T> Take);

/// <summary>The option <c>--recipe</c>: the published values, each of which an option that is named overrides.</summary>
internal sealed class RecipeSelection
{
    public Option<RecipeSource?> Option { get; } = new("--recipe")
    {
        Description = "Take every value from the paper or from its authors' release, but those of options that are named: paper | release.", HelpName = "name", CustomParser = Kebab.ParseOptional<RecipeSource>,
    };

    /// <summary>Whose recipe is asked for.</summary>
    public RecipeSource? Source(ParseResult parsed) => parsed.GetValue(Option);

    /// <summary>Puts a recipe under the options that the command line names.</summary>
    /// <param name="parsed">The command line.</param>
    /// <param name="own">The options that it stands for without a recipe.</param>
    /// <param name="recipe">The recipe's.</param>
    /// <param name="values">All that the recipe sets.</param>
    /// <returns>The options, and what is said of them: the recipe, then a line for each option in its way.</returns>
    public (T Options, IReadOnlyList<string> Lines) Apply<T>(ParseResult parsed, T own, T recipe, IReadOnlyList<RecipeValue<T>> values)
    {
        T result = own;
        var lines = new List<string> { $"recipe {Kebab.Of(parsed.GetValue(Option)!.Value)}: {string.Join(", ", values.Select(value => value.Text(recipe)))}" };
        foreach (RecipeValue<T> value in values)
        {
            if (value.Option is null || parsed.GetResult(value.Option) is not { Implicit: false }) result = value.Take(result, recipe);
            else if (value.Text(own) != value.Text(recipe)) lines.Add($"{value.Option.Name}: {value.Text(own)} instead of the recipe's {value.Text(recipe)}");
        }
        return (result, lines);
    }
}
