using System.Globalization;
using IlgpuSpp.AspNetCore;
using IlgpuSpp.Cli.Serving;

namespace IlgpuSpp.Cli.Commands;

/// <summary><c>serve</c>: answers over HTTP what images show and where.</summary>
internal static class ServeCommand
{
    public const string KeyVariable = "ILGPUSPP_API_KEY";

    private const string DefaultUrl = "http://127.0.0.1:8080";

    public static Command Create()
    {
        var defaults = new ServingOptions();
        var models = new Option<string[]>("--model") { Description = "A classifier's file or a detector's run folder, as FILE or NAME=FILE; given several times, all are served, each under its name.", Required = true, HelpName = "[NAME=]FILE" };
        var urls = new Option<string>("--urls") { Description = "Where to listen, several separated by ';'; http://0.0.0.0:8080 for the whole network.", DefaultValueFactory = _ => DefaultUrl, HelpName = "url" };
        var key = new Option<string?>("--api-key") { Description = $"Key that requests must bring as 'Authorization: Bearer KEY'; better given by the variable {KeyVariable}, which no list of processes shows.", HelpName = "key" };
        var maxBatch = new Option<int>("--max-batch") { Description = "Most images of one prepared size that share a pass.", DefaultValueFactory = _ => defaults.MaxBatch, HelpName = "n" };
        var maxWait = Time("--max-wait", "Longest time that an image waits for others to share its pass.", "2ms");
        var queue = new Option<int>("--queue-limit") { Description = "Most images in the server at a time; further ones are answered with 429.", DefaultValueFactory = _ => defaults.QueueLimit, HelpName = "n" };
        var timeout = Time("--timeout", "Longest time of a request.", "30s");
        var maxBody = new Option<int>("--max-body") { Description = "Most mebibytes of an image's file.", DefaultValueFactory = _ => defaults.MaxImageBytes >> 20, HelpName = "MiB" };
        var maxPixels = new Option<double>("--max-megapixels") { Description = "Most millions of pixels of an image.", DefaultValueFactory = _ => defaults.MaxPixels / 1e6, HelpName = "n" };
        var memory = new Option<int>("--memory") { Description = "Mebibytes that images may take while they arrive and are decoded; they wait for their share.", DefaultValueFactory = _ => (int)(defaults.MemoryBudget >> 20), HelpName = "MiB" };
        var fix = new Option<bool>("--no-reload") { Description = "Do not look for new files of the models while serving." };
        var device = new DeviceSelection();
        var command = new Command("serve", "Answer over HTTP what images show, with a page to try it.") { models, urls, key, maxBatch, maxWait, queue, timeout, maxBody, maxPixels, memory, fix };
        device.AddTo(command);
        CommandAction.SetSaving(command, (parsed, interrupt) =>
        {
            CheckRange("--max-body", parsed.GetValue(maxBody), 1, 1024);
            CheckRange("--memory", parsed.GetValue(memory), 16, 1 << 20);
            CheckRange("--max-megapixels", parsed.GetValue(maxPixels), 0.01, 700);
            (TimeSpan wait, TimeSpan limit) = (TimeOf(maxWait, parsed), TimeOf(timeout, parsed));
            string? secret = parsed.GetValue(key) ?? Environment.GetEnvironmentVariable(KeyVariable);
            var request = new ServeRequest(
                [.. parsed.GetValue(models)!.Select(ServedName.Parse)], Urls(parsed.GetValue(urls)!), !parsed.GetValue(fix),
                options =>
                {
                    options.ApiKey = string.IsNullOrEmpty(secret) ? null : secret;
                    options.MaxBatch = parsed.GetValue(maxBatch);
                    options.MaxWait = wait;
                    options.QueueLimit = parsed.GetValue(queue);
                    options.Timeout = limit;
                    options.MaxImageBytes = (int)Math.Min((long)parsed.GetValue(maxBody) << 20, int.MaxValue / 2);
                    options.MaxPixels = (long)(parsed.GetValue(maxPixels) * 1e6);
                    options.MemoryBudget = (long)parsed.GetValue(memory) << 20;
                });
            // Before anything is opened.
            var options = new ServingOptions();
            request.Configure(options);
            options.Validate();
            if (request.Models.GroupBy(model => model.Name).FirstOrDefault(group => group.Count() > 1) is { } twice)
                throw new UsageException($"two models are called '{twice.Key}'; give them names of their own, as in --model a=FILE --model b=FILE.");
            using Backend backend = device.Open(parsed);
            return ModelServer.RunAsync(request, backend, limit, interrupt).GetAwaiter().GetResult();
        });
        return command;
    }

    private static Option<string> Time(string name, string description, string usual) => new(name) { Description = description, DefaultValueFactory = _ => usual, HelpName = "time" };

    private static TimeSpan TimeOf(Option<string> option, ParseResult parsed)
    {
        string text = parsed.GetValue(option)!;
        (string number, double unit) = text.EndsWith("ms", StringComparison.Ordinal) ? (text[..^2], 1) : text.EndsWith('s') ? (text[..^1], 1000) : text.EndsWith('m') ? (text[..^1], 60_000) : ("", 0);
        return double.TryParse(number, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out double value) && value * unit <= 86_400_000
            ? TimeSpan.FromMilliseconds(value * unit)
            : throw new UsageException($"{option.Name} takes a time such as 2ms, 30s or 1m, not '{text}'.");
    }

    private static void CheckRange(string name, double value, double least, double most)
    {
        if (!(value >= least && value <= most)) throw new UsageException(string.Create(CultureInfo.InvariantCulture, $"{name} must be between {least} and {most}, not {value}."));
    }

    private static string[] Urls(string text)
    {
        string[] urls = text.Split(';', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        foreach (string url in urls)
            if (!Uri.TryCreate(url.Replace("://*", "://any", StringComparison.Ordinal).Replace("://+", "://any", StringComparison.Ordinal), UriKind.Absolute, out Uri? uri) || uri.Scheme != Uri.UriSchemeHttp || uri.PathAndQuery != "/")
                throw new UsageException($"--urls takes addresses such as {DefaultUrl}, not '{url}'; for https put a proxy in front.");
        return urls.Length > 0 ? urls : throw new UsageException($"--urls is empty; name an address such as {DefaultUrl}.");
    }
}
