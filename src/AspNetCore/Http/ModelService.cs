using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Options;

namespace IlgpuSpp.AspNetCore;

/// <summary>Takes the images of a request through a model.</summary>
internal sealed class ModelService(ModelCatalog catalog, IOptions<ServingOptions> options, Admission admission, ServingMetrics metrics)
{
    // What decoders hold of a pixel while they work: coefficients of progressive JPEG, planes and the image itself.
    private const int DecodingBytes = 12;
    private const int RetrySeconds = 1;

    private readonly ServingOptions _options = options.Value;
    private readonly ImageBodies _bodies = new(options.Value, admission);

    /// <summary>Classifies the images of a request.</summary>
    /// <exception cref="RefusalException">The request, or its only image, is refused.</exception>
    public async Task<ClassifyAnswer> ClassifyAsync(HttpContext context, RequestTime time)
    {
        ServedModel served = Find(context.Request, ModelKind.Classifier);
        int top = Number(context.Request, "top", 5);
        bool heatmap = Flag(context.Request, "heatmap");
        using var rented = new Rented(served);
        var model = (LoadedClassifier)rented.Model;
        List<Waiting<ClassifiedPicture>> waiting = await EachAsync(context, time, served.Name, async body =>
        {
            (PreparedImage prepared, int width, int height) = await DecodeAsync(body, image => (model.Prepare(image), image.Width, image.Height), time.Token).ConfigureAwait(false);
            return AnswerAsync();

            async Task<ClassifiedPicture> AnswerAsync()
            {
                var ticket = model.Add(new ClassifierItem(prepared, heatmap));
                ClassifierResult result = await time.WaitAsync(ticket).ConfigureAwait(false);
                IReadOnlyList<Guess> guesses = Guess.Best(model.ClassNames, result.Probabilities, top);
                return new ClassifiedPicture(body.Name, width, height, [.. guesses.Select(guess => new ClassAnswer(guess.ClassName, guess.Index, guess.Probability))], Shown(result.Evidence, guesses[0]), null);
            }
        }).ConfigureAwait(false);
        return new ClassifyAnswer(served.Name, await AnswersAsync(waiting, served.Name, (file, problem) => new ClassifiedPicture(file, null, null, null, null, problem)).ConfigureAwait(false));
    }

    /// <summary>Finds the objects in the images of a request.</summary>
    /// <exception cref="RefusalException">The request, or its only image, is refused.</exception>
    public async Task<DetectAnswer> DetectAsync(HttpContext context, RequestTime time)
    {
        ServedModel served = Find(context.Request, ModelKind.Detector);
        double? threshold = Threshold(context.Request);
        using var rented = new Rented(served);
        var model = (LoadedDetector)rented.Model;
        List<Waiting<SearchedPicture>> waiting = await EachAsync(context, time, served.Name, async body =>
        {
            // Windows are found in the image itself, so that it keeps its share of the memory until then, and the images of a request follow one another.
            SearchedPicture answer = await DecodedAsync(body, async image =>
            {
                IReadOnlyList<FoundObject> found = await time.WaitAsync(model.Add(new DetectorItem(image, threshold))).ConfigureAwait(false);
                return new SearchedPicture(body.Name, image.Width, image.Height, [.. found.Select(own => new ObjectAnswer(own.ClassName, own.Score, own.Probability,
                    new BoxAnswer(own.Box.Left, own.Box.Top, own.Box.Right - own.Box.Left + 1, own.Box.Bottom - own.Box.Top + 1)))], null);
            }, time.Token).ConfigureAwait(false);
            return Task.FromResult(answer);
        }).ConfigureAwait(false);
        return new DetectAnswer(served.Name, await AnswersAsync(waiting, served.Name, (file, problem) => new SearchedPicture(file, null, null, null, problem)).ConfigureAwait(false));
    }

    private async Task<List<Waiting<T>>> EachAsync<T>(HttpContext context, RequestTime time, string model, Func<ImageBody, Task<Task<T>>> take)
    {
        var waiting = new List<Waiting<T>>();
        int entered = 0;
        try
        {
            Enter();
            await foreach (ImageBody body in _bodies.ReadAsync(context, time.Token).ConfigureAwait(false))
            {
                if (waiting.Count > 0) Enter();
                using (body)
                {
                    try
                    {
                        waiting.Add(new Waiting<T>(body.Name, await take(body).ConfigureAwait(false), null));
                    }
                    catch (RefusalException refusal) when (body.Name is not null && refusal.Status < 500)
                    {
                        // One bad image must not hide the answers for the others.
                        waiting.Add(new Waiting<T>(body.Name, null, refusal));
                    }
                    catch (RefusalException)
                    {
                        metrics.Image(model, good: false);
                        throw;
                    }
                }
            }
            foreach (Waiting<T> one in waiting)
                if (one.Answer is not null) await one.Answer.ConfigureAwait(false);
            return waiting;
        }
        finally
        {
            admission.Leave(entered);
        }

        void Enter()
        {
            if (!admission.TryEnter()) throw new RefusalException(StatusCodes.Status429TooManyRequests, $"the server is busy with {_options.QueueLimit} images; ask again in a moment") { RetryAfter = RetrySeconds };
            entered++;
        }
    }

    private async Task<IReadOnlyList<T>> AnswersAsync<T>(List<Waiting<T>> waiting, string model, Func<string?, ProblemAnswer, T> refused)
    {
        // Where nothing is left to answer, the request as a whole is refused.
        if (waiting.TrueForAll(one => one.Refusal is not null))
        {
            foreach (Waiting<T> one in waiting) metrics.Image(model, good: false);
            throw waiting is [{ Refusal: { } only }] ? only : new RefusalException(waiting[0].Refusal!.Status, $"none of the {waiting.Count} images can be used; the first: {waiting[0].Refusal!.Message}");
        }
        var answers = new List<T>();
        foreach (Waiting<T> one in waiting)
        {
            metrics.Image(model, one.Refusal is null);
            answers.Add(one.Refusal is { } refusal ? refused(one.File, refusal.Problem) : await one.Answer!.ConfigureAwait(false));
        }
        return answers;
    }

    private Task<T> DecodeAsync<T>(ImageBody body, Func<RgbImage, T> use, CancellationToken cancellation) => DecodedAsync(body, image => Task.FromResult(use(image)), cancellation);

    // Size first, then memory, then the pixels.
    private async Task<T> DecodedAsync<T>(ImageBody body, Func<RgbImage, Task<T>> use, CancellationToken cancellation)
    {
        using var activity = ServingMetrics.Traces.StartActivity("prepare");
        activity?.SetTag("bytes", body.Bytes.Length);
        if (body.Bytes.IsEmpty) throw new RefusalException(StatusCodes.Status400BadRequest, "the body is empty; send the bytes of an image, as curl --data-binary @photo.jpg does");
        try
        {
            if (ImageDecoder.FormatOf(body.Bytes) is null) ImageDecoder.Decode(body.Bytes);
        }
        catch (DataFormatException error)
        {
            throw new RefusalException(StatusCodes.Status415UnsupportedMediaType, error.Reason);
        }
        try
        {
            ImageHeader header = ImageDecoder.ReadHeader(body.Bytes, null);
            long pixels = (long)header.Width * header.Height;
            if (pixels > _options.MaxPixels)
                throw new RefusalException(StatusCodes.Status422UnprocessableEntity, $"the image has {header.Width} x {header.Height} pixels, more than the {_options.MaxPixels} that are taken; scale it down");
            using IDisposable share = await admission.Pixels.TakeAsync(pixels * DecodingBytes, cancellation).ConfigureAwait(false);
            RgbImage image = ImageDecoder.Decode(body.Bytes, new ImageLimits { MaxPixels = _options.MaxPixels });
            if (InputPreparation.Refusal(image) is { } reason) throw new RefusalException(StatusCodes.Status422UnprocessableEntity, reason);
            return await use(image).ConfigureAwait(false);
        }
        catch (DataFormatException error)
        {
            throw new RefusalException(StatusCodes.Status400BadRequest, error.Reason);
        }
    }

    private ServedModel Find(HttpRequest request, ModelKind kind)
    {
        string? name = request.Query["model"];
        ServedModel[] fitting = [.. catalog.Models.Where(model => model.Kind == kind)];
        string kinds = kind == ModelKind.Classifier ? "classifier" : "detector", names = string.Join(", ", fitting.Select(model => model.Name));
        if (fitting.Length == 0) throw new RefusalException(StatusCodes.Status404NotFound, $"this server has no {kinds}; /v1/models tells what it has");
        if (string.IsNullOrEmpty(name))
            return fitting.Length == 1 ? fitting[0] : throw new RefusalException(StatusCodes.Status400BadRequest, $"there are several {kinds}s; add ?model= with one of {names}");
        return Array.Find(fitting, model => model.Name == name) ?? throw new RefusalException(StatusCodes.Status404NotFound, $"there is no {kinds} of that name; add ?model= with one of {names}");
    }

    private static int Number(HttpRequest request, string name, int otherwise) => request.Query[name].ToString() switch
    {
        "" => otherwise,
        var text => int.TryParse(text, System.Globalization.NumberStyles.None, System.Globalization.CultureInfo.InvariantCulture, out int value) && value >= 1
            ? value
            : throw new RefusalException(StatusCodes.Status400BadRequest, $"{name} must be a whole number from 1"),
    };

    private static bool Flag(HttpRequest request, string name) => request.Query[name].ToString() switch
    {
        "" or "false" => false,
        "true" => true,
        _ => throw new RefusalException(StatusCodes.Status400BadRequest, $"{name} is true or false"),
    };

    private static double? Threshold(HttpRequest request) => request.Query["threshold"].ToString() switch
    {
        "" => null,
        var text => double.TryParse(text, System.Globalization.NumberStyles.Float, System.Globalization.CultureInfo.InvariantCulture, out double value) && double.IsFinite(value)
            ? value
            : throw new RefusalException(StatusCodes.Status400BadRequest, "threshold must be a number, such as 0.5"),
    };

    private static HeatmapAnswer? Shown(EvidenceMap? map, Guess best) => map is null ? null : new HeatmapAnswer(
        map.OfClass ? "class" : "strength", map.OfClass ? best.ClassName : null, map.Height, map.Width, [.. map.Values.Select(value => Math.Round(value, 4))],
        Math.Round(map.Region.Left, 2), Math.Round(map.Region.Top, 2), Math.Round(map.Region.Right - map.Region.Left, 2), Math.Round(map.Region.Bottom - map.Region.Top, 2));

    private sealed record Waiting<T>(string? File, Task<T>? Answer, RefusalException? Refusal);

    private readonly struct Rented(ServedModel served) : IDisposable
    {
        public LoadedModel Model { get; } = served.Rent();

        public void Dispose() => Model.Return();
    }
}
