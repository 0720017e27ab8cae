using System.CommandLine;
using System.Reflection;
using IlgpuSpp.Cli.Commands;
using IlgpuSpp.Engine;
using IlgpuSpp.Training;

namespace IlgpuSpp.Cli.Tests;

/// <summary>A command line that cannot be run is refused in the words of the command line.</summary>
public class ParseRefusalTests
{
    public static TheoryData<string, string> Refused => new()
    {
        { "train --lr abc", "--lr takes a number such as 0.05, not 'abc'." },
        { "train --epochs many", "--epochs takes a whole number of at most 2147483647, not 'many'." },
        { "train --batch 99999999999", "--batch takes a whole number of at most 2147483647, not '99999999999'." },
        { "train --seed=-1", "--seed takes a whole number from 0 to 18446744073709551615, not '-1'." },
        { "train --epoch 3", "there is no option --epoch; did you mean --epochs?" },
        { "train --lerning-rate 3", "there is no option --lerning-rate." },
        { "train --sheudle step", "there is no option --sheudle; did you mean --schedule?" },
        { "train --schedule cosin", "--schedule takes one of plateau, step, cosine, constant, not 'cosin'; did you mean cosine?" },
        { "train --precision fp31", "--precision takes one of auto, fp32, tf32, bf16, not 'fp31'; did you mean fp32?" },
        { "train --device gpu", "--device takes auto, cpu, cuda, opencl, any-opencl or ilgpu-cpu, the middle three also with a number such as cuda:1, not 'gpu'; did you mean cpu?" },
        { "predict a.png --model x --device cuda:x", "--device takes auto, cpu, cuda, opencl, any-opencl or ilgpu-cpu, the middle three also with a number such as cuda:1, not 'cuda:x'; did you mean cuda?" },
        { "eval --model x --threads 2000", "--threads must be between 0 and 1024, not 2000." },
        { "train --device cuda:1 --deterministic-exact", "--deterministic-exact is for the cpu device alone, not for cuda:1." },
        { "trian", "there is no command 'trian'; did you mean train?" },
        { "detect tets", "there is no command 'tets'; did you mean test?" },
        { "predict a.png --modle x", "there is no option --modle; did you mean --model?" },
        { "features a.png --model x --layer y --outt=z", "there is no option --outt; did you mean --out?" },
        { "predict --model x", "predict needs <paths>: Images, folders (searched with everything below), or patterns such as 'photos/*.jpg'." },
        { "detect", "name a command: train, test, run, proposals, score, bench." },
        { "models zf5 --classes few", "--classes takes a whole number of at most 2147483647, not 'few'." },
    };

    [Theory]
    [MemberData(nameof(Refused))]
    public void The_first_reason_is(string line, string reason) => Assert.Equal(reason, ParseRefusals.Of(Root.Parse(line))[0]);

    [Theory]
    [InlineData("train --lr 1e-3 --epochs 3 --schedule step --resume run")]
    [InlineData("predict a.png b.png --model x --top 3")]
    [InlineData("predict --model x -- --odd-name.png")]
    [InlineData("train --out --odd-folder")]
    [InlineData("train --deterministic-exact")]
    [InlineData("detect train --device cpu --deterministic-exact")]
    public void What_can_be_run_is_not_refused(string line) => Assert.Empty(ParseRefusals.Of(Root.Parse(line)));

    [Fact]
    public void No_option_of_any_command_shows_a_type_of_the_language()
    {
        foreach ((string path, Command command) in Commands("", Root))
            foreach (Option option in command.Options.Where(option => option.Arity.MaximumNumberOfValues == 1 && option.ValueType != typeof(string) && option.ValueType != typeof(bool)))
            {
                string[] reasons = [.. ParseRefusals.Of(Root.Parse($"{path} {option.Name} x-y-z"))];
                Assert.Contains(reasons, reason => reason.StartsWith($"{option.Name} takes ", StringComparison.Ordinal) && reason.Contains("not 'x-y-z'", StringComparison.Ordinal));
                Assert.DoesNotContain(reasons, reason => reason.Contains("System.", StringComparison.Ordinal) || reason.Contains("IlgpuSpp.", StringComparison.Ordinal) || reason.Contains('`', StringComparison.Ordinal));
            }
    }

    [Fact]
    public void Every_option_of_the_trainer_that_train_has_is_named_as_there()
    {
        Command train = Root.Subcommands.Single(command => command.Name == "train");
        string[] own = [.. typeof(TrainerOptions).GetProperties(BindingFlags.Public | BindingFlags.Instance).Where(property => property.CanWrite).Select(property => property.Name)];
        Dictionary<string, string> named = own
            .Select(name => (name, Message: OptionNames.Translate(new OptionsException(name, "is wrong"), train)))
            .Where(pair => pair.Message is not null)
            .ToDictionary(pair => pair.name, pair => pair.Message![..^" is wrong.".Length]);

        // What has no option of its own cannot be given wrongly on the command line.
        Assert.Equal(
            ["Beta1", "Beta2", "CacheBytes", "CosineFinalShare", "CosineRestarts", "Epsilon", "LearningRateFactor", "PlateauDrops", "ProgressInterval"],
            own.Except(named.Keys).Order(StringComparer.Ordinal));
        Assert.Equal(("--batch", "--lr", "--min-side", "--sizes", "--augment"), (named["BatchSize"], named["LearningRate"], named["ResizeSide"], named["Sizes"], named["Augmentation"]));
    }

    private static RootCommand Root { get; } = CommandLine.Root();

    private static IEnumerable<(string Path, Command Command)> Commands(string path, Command command)
    {
        yield return (path, command);
        foreach (Command child in command.Subcommands)
            foreach ((string, Command) found in Commands($"{path} {child.Name}", child)) yield return found;
    }
}
